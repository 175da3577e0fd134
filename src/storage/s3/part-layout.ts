import { StorageError } from "../errors.ts";

/** Parts of one upload, at most. */
const mostParts = 10_000;
const mebibyte = 1024 * 1024;
/** Bytes of parts that are under way at the same time. */
const underWayBytes = 20 * mebibyte;
/** As little as S3 takes, and more for an object that nobody knows the size of. */
const usualBytes = 5 * mebibyte;
const unknownBytes = 8 * mebibyte;

/**
 * Bytes of every part but the last, which are all of one size because Cloudflare R2 wants it so: as set, and as many whole
 * mebibytes more as it takes to stay below 10,000 parts.
 */
export function partBytesFor(size: number | undefined, setBytes: number | undefined): number {
  if (size === undefined) return setBytes ?? unknownBytes;
  const needed = Math.ceil(size / mostParts / mebibyte) * mebibyte;
  return Math.max(setBytes ?? usualBytes, needed);
}

/** How many parts may be under way at the same time, so that memory does not grow with them. */
export function partsAtOnce(partBytes: number): number {
  return Math.max(1, Math.min(4, Math.floor(underWayBytes / partBytes)));
}

/** Throws `too-large` for a part that would be one too many. */
export function checkPartNumber(number: number, key: string): void {
  if (number <= mostParts) return;
  throw new StorageError(
    "too-large",
    `${key} has more than ${mostParts} parts; with a larger partSize it fits`,
    { key },
  );
}
