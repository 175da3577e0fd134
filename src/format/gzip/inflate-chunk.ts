import { promisify } from "node:util";
import { constants, inflateRaw } from "node:zlib";
import { SafehouseError } from "#core/model/problem.ts";

const inflate = promisify(inflateRaw);

/** zlib takes no smaller output buffer. */
const leastBuffer = 64;

/**
 * Inflates one of our chunks alone: raw deflate that begins at a byte border and refers to nothing
 * before it. Bytes behind a final block are ignored. Runs beside the caller's thread.
 *
 * A chunk that is cut off gives fewer bytes: compare with what was expected.
 * @param maxLength bytes that it may hold at most
 * @throws SafehouseError `damaged` when it holds more or is no deflate
 */
export async function inflateChunk(compressed: Uint8Array, maxLength: number): Promise<Uint8Array> {
  // No chunk, and zlib takes no limit of 0.
  if (maxLength < 1) throw new RangeError(`A chunk of at most ${maxLength} bytes`);
  try {
    return await inflate(compressed, {
      finishFlush: constants.Z_SYNC_FLUSH,
      // One byte more than it can fill: it would allocate as much again for what might follow.
      chunkSize: Math.max(maxLength + 1, leastBuffer),
      maxOutputLength: maxLength,
    });
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw new SafehouseError("damaged", "A compressed chunk is damaged", { cause: error });
  }
}

function isDamage(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_BUFFER_TOO_LARGE" || code === "Z_DATA_ERROR" || code === "Z_NEED_DICT";
}
