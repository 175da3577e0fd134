import { encryptedSize, messageCount } from "./encrypted-size.ts";
import { headerLengths } from "./header.ts";
import { messageOverhead, messageSize } from "./secret-stream.ts";

const blockSize = 16;

/** A range of plaintext, in bytes. */
export interface PlainRange {
  readonly offset: number;
  readonly length: number;
}

/** What to read of an inner archive to get a range of its plaintext. */
export interface CipherRange {
  /** From the beginning of the inner archive, header included. */
  readonly offset: number;
  readonly length: number;
  /** Plaintext bytes to drop from the front of what comes out. */
  readonly skip: number;
  /** v3: number of the first message, from 0. v1 and v2: of the first block of 16 bytes to be decrypted. */
  readonly first: number;
}

/**
 * Maps a range of plaintext to the ciphertext that holds it (docs/format.md, sections 8.2 and 8.3): whole
 * messages of 1 MiB for v3; whole blocks of 16 bytes for v1 and v2, with the block before them, which is
 * the initialisation vector, unless they are the first.
 *
 * @param range inside the plaintext, at least one byte
 * @param plainSize bytes of plaintext in all
 */
export function cipherRange(
  kind: "v1" | "v2" | "v3",
  range: PlainRange,
  plainSize: number,
): CipherRange {
  const end = range.offset + range.length;
  if (range.offset < 0 || range.length < 1 || end > plainSize) {
    throw new RangeError(
      `There are no ${range.length} bytes from ${range.offset} on in ${plainSize}`,
    );
  }
  return kind === "v3" ? messageRange(range, plainSize) : blockRange(headerLengths[kind], range);
}

function messageRange({ offset, length }: PlainRange, plainSize: number): CipherRange {
  const first = Math.floor(offset / messageSize);
  const behind = Math.ceil((offset + length) / messageSize);
  const place = (message: number): number =>
    headerLengths.v3 + message * (messageSize + messageOverhead);
  const end = behind === messageCount(plainSize) ? encryptedSize(3, plainSize) : place(behind);
  return {
    offset: place(first),
    length: end - place(first),
    skip: offset - first * messageSize,
    first,
  };
}

function blockRange(headerLength: number, { offset, length }: PlainRange): CipherRange {
  const first = Math.floor(offset / blockSize);
  const start = headerLength + blockSize * (first === 0 ? 0 : first - 1);
  const end = headerLength + blockSize * Math.ceil((offset + length) / blockSize);
  return { offset: start, length: end - start, skip: offset - first * blockSize, first };
}
