const mebibyte = 1024 * 1024;

/** What is smaller goes up in one request. */
export const smallestChunked = 10 * mebibyte;

/** A chunk is kept until the server has it, so that it can be sent again: this bounds memory, and with it objects. */
const largestChunk = 128 * mebibyte;

/** Nextcloud numbers chunks up to 10,000; some are left for chance. */
const mostChunks = 9000;

/** The length of all chunks but the last of an object of known size; undefined if it is too large. */
export function chunkLength(size: number): number | undefined {
  const length = Math.max(smallestChunked, Math.ceil(size / mostChunks));
  return length <= largestChunk ? length : undefined;
}

/**
 * The length of a chunk while nobody knows how many there will be: small at first, as it has to wait until it is full,
 * and growing so that the numbers suffice. Nextcloud takes none below 5 MB but the last.
 * @param number from 1 on
 */
export function growingChunkLength(number: number): number | undefined {
  if (number <= 1000) return 5 * mebibyte;
  if (number <= 4000) return 16 * mebibyte;
  return number <= 9999 ? 64 * mebibyte : undefined;
}

/** Above this, a chunk waits for the one before it, so that there are never two of them in memory. */
export const oneAtATime = 32 * mebibyte;
