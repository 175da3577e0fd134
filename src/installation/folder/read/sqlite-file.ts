import { closeSync, constants, openSync, readSync } from "node:fs";
import { fileErrorCode } from "./file-error.ts";

/** Smallest page of SQLite, and so the smallest file that is a database. */
const smallestDatabase = 512;
const magic = Buffer.from("SQLite format 3\0");

/** Whether an open file begins as an SQLite database does (sqlite.org/fileformat.html, section 1.3). */
export function holdsDatabase(descriptor: number, size: number): boolean {
  if (size < smallestDatabase) return false;
  const header = new Uint8Array(magic.length);
  return (
    readSync(descriptor, header, 0, header.length, 0) === header.length && magic.equals(header)
  );
}

/**
 * The same for a name; false for whatever cannot be opened.
 * Closing the file drops every lock that this process has on it, so no connection to it may be open.
 */
export function isDatabaseFile(place: string | Buffer): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (fileErrorCode(error) === undefined) throw error;
    // Whoever asked goes on to open the file that matters and tells of the failure then.
    return false;
  }
  try {
    return holdsDatabase(descriptor, smallestDatabase);
  } finally {
    closeSync(descriptor);
  }
}

export interface DatabaseHeader {
  /** Bytes; a power of two from 512 to 65536. */
  readonly pageSize: number;
  readonly usesWal: boolean;
}

/** Reads the header of an open database; undefined if it makes no sense. */
export function readDatabaseHeader(descriptor: number): DatabaseHeader | undefined {
  const bytes = Buffer.alloc(100);
  if (readSync(descriptor, bytes, 0, 100, 0) < 100) return undefined;
  const stored = bytes.readUInt16BE(16);
  const pageSize = stored === 1 ? 65_536 : stored;
  if (pageSize < smallestDatabase || (pageSize & (pageSize - 1)) !== 0) return undefined;
  return { pageSize, usesWal: bytes[18] === 2 && bytes[19] === 2 };
}
