import { chunkSize, compressedBound } from "./chunk.ts";

/**
 * Memory for one chunk and what it compresses to. It is shared with the compressing threads: buffers that
 * are handed over for each chunk cost a collection of garbage every few of them.
 */
export interface ChunkSlot {
  /** Unique within its pool. */
  readonly id: number;
  /** For the uncompressed bytes, at most `chunkSize`. */
  readonly input: Uint8Array<SharedArrayBuffer>;
  readonly output: Uint8Array<SharedArrayBuffer>;
}

export function makeChunkSlot(id: number): ChunkSlot {
  return {
    id,
    input: new Uint8Array(new SharedArrayBuffer(chunkSize)),
    output: new Uint8Array(new SharedArrayBuffer(compressedBound(chunkSize))),
  };
}
