import { SafehouseError } from "#core/model/problem.ts";
import type { DeflateEngine } from "./deflate-engine.ts";

const library = "libisal.so.2";
const level = 2;
const levelBufferSize = 331_776;
/** Flushes so that the next chunk refers to nothing before it. */
const fullFlush = 2;

/** Where the fields of `struct isal_zstream` (igzip_lib.h, version 2) lie; 64-bit systems only. */
const field = {
  nextIn: 0,
  availIn: 8,
  nextOut: 16,
  availOut: 24,
  totalOut: 28,
  level: 40,
  levelBufferSize: 44,
  levelBuffer: 48,
  endOfStream: 56,
  flush: 58,
} as const;
/** The struct takes 82 384 bytes in 2.30; newer versions may take some more. */
const streamSize = 131_072;

const signatures = {
  isal_deflate_init: { arguments: ["buffer"], return: "void" },
  isal_deflate: { arguments: ["buffer"], return: "i32" },
} as const;

/**
 * ISA-L through Node's foreign function interface, which is experimental: Node warns once per thread
 * unless warnings of that kind are disabled.
 * @throws SafehouseError `unsupported` when the library or the interface is absent
 */
export async function openIsalEngine(): Promise<DeflateEngine> {
  const { getRawPointer, functions } = await openLibrary();
  const stream = new Uint8Array(streamSize);
  const fields = new DataView(stream.buffer);
  const levelBuffer = new ArrayBuffer(levelBufferSize);
  const addressOf = (bytes: Uint8Array): bigint =>
    // Node takes shared memory as well; its types do not say so.
    getRawPointer(bytes.buffer as ArrayBuffer) + BigInt(bytes.byteOffset);
  return (input, output) => {
    functions.isal_deflate_init(stream);
    fields.setBigUint64(field.nextIn, addressOf(input), true);
    fields.setUint32(field.availIn, input.length, true);
    fields.setBigUint64(field.nextOut, addressOf(output), true);
    fields.setUint32(field.availOut, output.length, true);
    fields.setUint32(field.level, level, true);
    fields.setUint32(field.levelBufferSize, levelBufferSize, true);
    fields.setBigUint64(field.levelBuffer, getRawPointer(levelBuffer), true);
    fields.setUint16(field.endOfStream, 0, true);
    fields.setUint16(field.flush, fullFlush, true);
    const code = functions.isal_deflate(stream);
    const left = fields.getUint32(field.availIn, true);
    if (code !== 0 || left > 0)
      throw new Error(`ISA-L ended with code ${code}, ${left} bytes left`);
    return fields.getUint32(field.totalOut, true);
  };
}

async function openLibrary() {
  try {
    const { dlopen, getRawPointer } = await import("node:ffi");
    return { getRawPointer, functions: dlopen(library, signatures).functions };
  } catch (error) {
    if (!isAbsence(error)) throw error;
    throw new SafehouseError("unsupported", `The compression library ${library} cannot be loaded`, {
      advice: "Install it (Debian: libisal2) or choose another compression engine",
      cause: error,
    });
  }
}

/** The library or one of its functions is missing, or this Node has no such interface. */
function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_FFI_CALL_FAILED" || code === "ERR_UNKNOWN_BUILTIN_MODULE";
}
