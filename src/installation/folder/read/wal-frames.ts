import { readSync } from "node:fs";
import type { WalIndex } from "./wal-index.ts";

export interface WalExtent {
  readonly index: WalIndex;
  /** Of the database, in bytes. */
  readonly pageSize: number;
}

/** Byte offset in the log of the newest copy of each page that the log holds. */
export type WalPages = ReadonlyMap<number, number>;

const fileHeaderBytes = 32;
const frameHeaderBytes = 24;

/**
 * Reads the log up to the index's last frame (sqlite.org/fileformat2.html, section 4).
 * Undefined if a salt or checksum does not fit or the last frame ends no transaction.
 */
export function readWalPages(
  descriptor: number,
  { index, pageSize }: WalExtent,
): WalPages | undefined {
  const header = Buffer.alloc(fileHeaderBytes);
  if (readSync(descriptor, header, 0, fileHeaderBytes, 0) < fileHeaderBytes) return undefined;
  const checksum = new Checksum((header.readUInt32BE(0) & 1) === 1);
  checksum.add(header.subarray(0, 24));
  const fits =
    checksum.matches(header, 24) &&
    header.toString("hex", 16, 24) === index.salt &&
    header.readUInt32BE(8) === pageSize;
  return fits ? readFrames(descriptor, { index, pageSize }, checksum) : undefined;
}

function readFrames(
  descriptor: number,
  { index, pageSize }: WalExtent,
  checksum: Checksum,
): WalPages | undefined {
  const frameBytes = frameHeaderBytes + pageSize;
  const framesPerRead = Math.max(1, Math.floor((1 << 20) / frameBytes));
  const bytes = Buffer.alloc(framesPerRead * frameBytes);
  const pages = new Map<number, number>();
  let pagesAfterCommit = 0;
  for (let first = 0; first < index.lastFrame; first += framesPerRead) {
    const count = Math.min(framesPerRead, index.lastFrame - first);
    const start = fileHeaderBytes + first * frameBytes;
    if (readSync(descriptor, bytes, 0, count * frameBytes, start) < count * frameBytes)
      return undefined;
    for (let at = 0; at < count * frameBytes; at += frameBytes) {
      const frame = bytes.subarray(at, at + frameBytes);
      checksum.add(frame.subarray(0, 8));
      checksum.add(frame.subarray(frameHeaderBytes));
      if (!checksum.matches(frame, 16) || frame.toString("hex", 8, 16) !== index.salt)
        return undefined;
      pages.set(frame.readUInt32BE(0), start + at + frameHeaderBytes);
      pagesAfterCommit = frame.readUInt32BE(4);
    }
  }
  return pagesAfterCommit === index.pages ? pages : undefined;
}

/** The running checksum of a log: two sums over pairs of 32-bit words, in the order that the log names. */
class Checksum {
  readonly #bigEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(bigEndian: boolean) {
    this.#bigEndian = bigEndian;
  }

  add(bytes: Buffer): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const littleEndian = !this.#bigEndian;
    let first = this.#first;
    let second = this.#second;
    for (let at = 0; at < bytes.length; at += 8) {
      first = (first + view.getInt32(at, littleEndian) + second) | 0;
      second = (second + view.getInt32(at + 4, littleEndian) + first) | 0;
    }
    this.#first = first;
    this.#second = second;
  }

  matches(bytes: Buffer, at: number): boolean {
    return bytes.readInt32BE(at) === this.#first && bytes.readInt32BE(at + 4) === this.#second;
  }
}
