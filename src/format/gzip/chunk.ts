/** Uncompressed bytes of a chunk, in each of our gzip members; only the last may be shorter. */
export const chunkSize = 1 << 20;

/** Room that is enough for any engine's result for `length` bytes, at most one chunk, in bytes. */
export function compressedBound(length: number): number {
  return length + (length >>> 8) + 1024;
}
