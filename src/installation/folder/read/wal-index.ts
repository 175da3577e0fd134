import { readSync } from "node:fs";

/** What the shared-memory file says about the log (sqlite.org/walformat.html, section 2.1). */
export interface WalIndex {
  /** Last frame that belongs to a committed transaction; 0 if the log holds nothing. */
  readonly lastFrame: number;
  /** Pages of the database as of that frame; 0 if the log has held nothing since it was opened. */
  readonly pages: number;
  /** How many frames have been copied into the database file. */
  readonly copiedFrames: number;
  /** Hexadecimal, as it stands in the header of the log. */
  readonly salt: string;
  /** Equal for two readings between which nothing was committed. */
  readonly stamp: string;
}

const headerBytes = 48;
const copiedFramesAt = 2 * headerBytes;

/**
 * Reads the index; undefined while a writer is changing it. Numbers in it are in the machine's own order,
 * which is little-endian on everything that Safehouse runs on.
 */
export function readWalIndex(descriptor: number): WalIndex | undefined {
  const bytes = Buffer.alloc(copiedFramesAt + 4);
  if (readSync(descriptor, bytes, 0, bytes.length, 0) < bytes.length) return undefined;
  const header = bytes.subarray(0, headerBytes);
  const isSettled = header.equals(bytes.subarray(headerBytes, copiedFramesAt)) && header[12] === 1;
  if (!isSettled) return undefined;
  return {
    lastFrame: header.readUInt32LE(16),
    pages: header.readUInt32LE(20),
    copiedFrames: bytes.readUInt32LE(copiedFramesAt),
    salt: header.toString("hex", 32, 40),
    stamp: header.toString("hex"),
  };
}
