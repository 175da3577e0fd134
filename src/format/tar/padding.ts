/** Size of a tar block; headers are one block, content is filled up to whole blocks. */
export const tarBlock = 512;
/** Archives end at a multiple of this (docs/format.md, section 2.1). */
const tarRecord = 10240;

/** Zero bytes that follow content of `size` bytes, 0 to 511. */
export function paddingAfter(size: number): number {
  const rest = size % tarBlock;
  return rest === 0 ? 0 : tarBlock - rest;
}

/**
 * What closes an archive of which `bytesSoFar` bytes stand: two zero blocks, then zeros up to a
 * multiple of 10240.
 */
export function endOfArchive(bytesSoFar: number): Uint8Array {
  const least = bytesSoFar + 2 * tarBlock;
  const rest = least % tarRecord;
  return new Uint8Array(least - bytesSoFar + (rest === 0 ? 0 : tarRecord - rest));
}
