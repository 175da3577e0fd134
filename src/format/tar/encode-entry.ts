import type { Entry, EntryType } from "#core/model/entry.ts";
import {
  binaryNamesRecord,
  isAscii,
  nameAsBytes,
  needsBinaryNames,
  paxRecord,
  paxTime,
  writePaxHeader,
} from "./encode-pax.ts";
import { paddingAfter, tarBlock } from "./padding.ts";
import {
  largestUstarId,
  largestUstarSize,
  type UstarBlock,
  ustarTime,
  writeUstarBlock,
} from "./ustar-block.ts";

/**
 * Header blocks of one entry of an inner archive (docs/format.md, section 6): a ustar header, before it
 * a PAX header if the ustar one cannot say everything. Byte for byte what Python's `tarfile` writes,
 * but for device numbers, which an entry does not have.
 *
 * Throws a RangeError for an entry that no tar can hold: NUL in a name, a size or time that is no number.
 */
export function encodeEntry(entry: Entry): Uint8Array {
  const records = paxRecordsOf(entry);
  const target = new Uint8Array(sizeOfHeaders(records));
  const at = records === "" ? 0 : writePaxHeader(target, 0, records);
  writeUstarBlock(target, at, blockOf(entry));
  return target;
}

/**
 * Writes the header blocks into `target` at `offset` and returns their length; 0 if they do not fit,
 * and then nothing was written.
 */
export function encodeEntryInto(entry: Entry, target: Uint8Array, offset: number): number {
  const records = paxRecordsOf(entry);
  if (offset + sizeOfHeaders(records) > target.length) return 0;
  const at = records === "" ? offset : offset + writePaxHeader(target, offset, records);
  writeUstarBlock(target, at, blockOf(entry));
  return at + tarBlock - offset;
}

function sizeOfHeaders(records: string): number {
  if (records === "") return tarBlock;
  return 2 * tarBlock + records.length + paddingAfter(records.length);
}

function blockOf(entry: Entry): UstarBlock {
  return {
    name: nameInArchive(entry),
    type: typeFlags[entry.type],
    mode: entry.mode,
    uid: fits(entry.uid, largestUstarId) ? entry.uid : 0,
    gid: fits(entry.gid, largestUstarId) ? entry.gid : 0,
    size: fits(entry.size, largestUstarSize) ? entry.size : 0,
    mtime: ustarTime(entry.mtime),
    linkTarget: entry.linkTarget ?? "",
    uname: entry.uname ?? "",
    gname: entry.gname ?? "",
  };
}

const typeFlags: Readonly<Record<EntryType, number>> = {
  file: 0x30,
  hardlink: 0x31,
  symlink: 0x32,
  "character-device": 0x33,
  "block-device": 0x34,
  directory: 0x35,
  fifo: 0x36,
};

function nameInArchive(entry: Entry): string {
  return entry.type === "directory" && !entry.path.endsWith("/") ? `${entry.path}/` : entry.path;
}

/** The order of the records is Python's. */
function paxRecordsOf(entry: Entry): string {
  checkEntry(entry);
  const records =
    nameRecord("path", nameInArchive(entry), 100) +
    nameRecord("linkpath", entry.linkTarget, 100) +
    nameRecord("uname", entry.uname, 32) +
    nameRecord("gname", entry.gname, 32) +
    numberRecord("uid", entry.uid, largestUstarId) +
    numberRecord("gid", entry.gid, largestUstarId) +
    numberRecord("size", entry.size, largestUstarSize) +
    timeRecord(entry.mtime);
  return hasBinaryNames(entry) ? binaryNamesRecord + records : records;
}

function hasBinaryNames(entry: Entry): boolean {
  return (
    needsBinaryNames(entry.path) ||
    needsBinaryNames(entry.linkTarget) ||
    needsBinaryNames(entry.uname) ||
    needsBinaryNames(entry.gname)
  );
}

function nameRecord(keyword: string, name: string | undefined, fieldLength: number): string {
  if (name === undefined || (name.length <= fieldLength && isAscii(name))) return "";
  return paxRecord(keyword, nameAsBytes(name));
}

function numberRecord(keyword: string, value: number, largest: number): string {
  return fits(value, largest) ? "" : paxRecord(keyword, String(value));
}

function timeRecord(mtime: number): string {
  const exact = Number.isInteger(mtime) && fits(mtime, largestUstarSize);
  return exact ? "" : paxRecord("mtime", paxTime(mtime));
}

function fits(value: number, largest: number): boolean {
  return value >= 0 && value <= largest;
}

function checkEntry(entry: Entry): void {
  if (!Number.isSafeInteger(entry.size) || entry.size < 0)
    throw new RangeError(`No size: ${entry.size}`);
  if (!Number.isFinite(entry.mtime)) throw new RangeError(`No time: ${entry.mtime}`);
  if (!Number.isSafeInteger(entry.uid) || !Number.isSafeInteger(entry.gid)) {
    throw new RangeError(`No owner: ${entry.uid}:${entry.gid}`);
  }
  if (entry.path === "") throw new RangeError("An entry needs a path");
  if (entry.path.includes("\0") || (entry.linkTarget?.includes("\0") ?? false)) {
    throw new RangeError("A name cannot hold a NUL");
  }
}
