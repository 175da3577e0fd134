import { readFile } from "node:fs/promises";
import { chunkSize } from "./chunk.ts";
import type { DeflateEngine } from "./deflate-engine.ts";

/** What `deflate.as.ts` exports. */
interface Encoder {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly inputAddress: { readonly value: number };
  readonly outputAddress: { readonly value: number };
  deflate(length: number): number;
}

// TypeScript has the types of this global only together with all of a browser's.
declare const WebAssembly: {
  instantiate(code: Uint8Array): Promise<{ instance: { exports: Encoder } }>;
};

/** Our own encoder, compiled from `deflate.as.ts`. */
export async function openWasmEngine(): Promise<DeflateEngine> {
  const code = await readFile(new URL("./deflate.wasm", import.meta.url));
  const { exports: encoder } = (await WebAssembly.instantiate(code)).instance;
  const memory = new Uint8Array(encoder.memory.buffer);
  const inputStart = encoder.inputAddress.value;
  const outputStart = encoder.outputAddress.value;
  return (input, output) => {
    // More would run over the memory behind the input.
    if (input.length > chunkSize) throw new RangeError(`A chunk of ${input.length} bytes`);
    memory.set(input, inputStart);
    const length = encoder.deflate(input.length);
    output.set(memory.subarray(outputStart, outputStart + length));
    return length;
  };
}
