import { StorageError } from "../errors.ts";

/** Parts of one upload, at most. */
const mostParts = 10_000;
const mebibyte = 1024 * 1024;
/** Bytes of parts that are under way at the same time. */
const underWayBytes = 32 * mebibyte;

/**
 * Bytes of every part but the last, which are all of one size because Cloudflare R2 wants it so: as set, or as many whole
 * mebibytes more as it takes to stay below 10,000 parts.
 */
export function partBytesFor(size: number | undefined, setBytes: number): number {
  const needed = Math.ceil((size ?? 0) / mostParts / mebibyte) * mebibyte;
  return Math.max(setBytes, needed);
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
