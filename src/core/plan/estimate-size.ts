/** What is known about one part before it is backed up. */
export interface PartToEstimate {
  readonly part: string;
  /** Source bytes now. */
  readonly bytes: number;
  /** Stored bytes per source byte, from samples of this part; undefined if none were taken. */
  readonly sampledRatio: number | undefined;
  /** The same from the last backup of this part. */
  readonly lastRatio: number | undefined;
}

export interface SizeEstimate {
  /** Source bytes. */
  readonly bytes: number;
  /** Bytes of the archive, as far as can be told. */
  readonly expected: number;
  /** The archive will hardly be smaller than this. */
  readonly atLeast: number;
}

/** Without any knowledge: about what a home of text, database and media comes to. */
const usualRatio = 0.6;
/** Headers of files and archives, per part. */
const overhead = 4096;

/**
 * Estimates the size of an archive. The last backup says most; samples can miss by a third, because
 * compression varies within a file.
 */
export function estimateSize(parts: readonly PartToEstimate[], compressed: boolean): SizeEstimate {
  let bytes = 0;
  let expected = 0;
  let atLeast = 0;
  for (const part of parts) {
    const ratio = compressed ? (part.lastRatio ?? part.sampledRatio ?? usualRatio) : 1;
    const trust = !compressed
      ? 1
      : part.lastRatio !== undefined
        ? 0.8
        : part.sampledRatio !== undefined
          ? 0.65
          : 0.3;
    bytes += part.bytes;
    expected += part.bytes * ratio + overhead;
    atLeast += part.bytes * ratio * trust;
  }
  return { bytes, expected: Math.ceil(expected), atLeast: Math.floor(atLeast) };
}
