import type { Entry, EntryType } from "#core/model/entry.ts";
import type { EntryNote } from "#core/model/part-event.ts";
import { damagedAt } from "./damaged-at.ts";
import { largestTarSize } from "./limits.ts";
import type { PaxValues } from "./parse-pax.ts";
import { readName } from "./read-name.ts";
import { readTarNumber } from "./tar-number.ts";
import { ustar, type TarField } from "./ustar-fields.ts";

/** What all headers of one member say together. */
export type Member =
  | { readonly entry: Entry; readonly note?: undefined; readonly storedSize: number }
  /** Something that cannot be an entry; the note says why. */
  | { readonly entry?: undefined; readonly note: EntryNote; readonly storedSize: number };

/**
 * Reads a ustar, GNU, star or V7 header block, overridden by what extended headers said.
 * Throws `damaged` if a field is no number or out of bounds.
 * @param offset place of the block in the archive, for messages
 */
export function readMember(block: Buffer, offset: number, values: PaxValues): Member {
  const flag = block[ustar.type] ?? 0;
  const storedSize = values.size ?? sizeOf(block, offset);
  const name = values.path ?? blockName(block);
  const path = withoutTrailingSlash(values.sparseName ?? name);
  if (flag === sparseFlag || values.sparse) {
    return refuse({ path, storedSize, what: "is stored as a sparse file" });
  }
  const type = typeOf(flag, name);
  if (type === undefined) {
    return refuse({
      path,
      storedSize,
      what: `has the unknown type ${JSON.stringify(String.fromCharCode(flag))}`,
    });
  }
  if (path === "")
    return refuse({ path, storedSize: type === "file" ? storedSize : 0, what: "has no name" });
  const entry = entryOf({
    block,
    offset,
    values,
    path,
    type,
    size: type === "file" ? storedSize : 0,
  });
  return { entry, storedSize: entry.size };
}

interface Reading {
  readonly block: Buffer;
  readonly offset: number;
  readonly values: PaxValues;
  readonly path: string;
  readonly type: EntryType;
  readonly size: number;
}

function entryOf({ block, offset, values, path, type, size }: Reading): Entry {
  const entry: { -readonly [Key in keyof Entry]: Entry[Key] } = {
    path,
    type,
    mode: numberOf(block, ustar.mode, offset) & 0o7777,
    uid: values.uid ?? numberOf(block, ustar.uid, offset),
    gid: values.gid ?? numberOf(block, ustar.gid, offset),
    mtime: values.mtime ?? numberOf(block, ustar.mtime, offset),
    size,
  };
  const uname = values.uname ?? ownerName(block, ustar.uname);
  const gname = values.gname ?? ownerName(block, ustar.gname);
  if (uname !== "") entry.uname = uname;
  if (gname !== "") entry.gname = gname;
  if (type === "symlink" || type === "hardlink") {
    entry.linkTarget = values.linkpath ?? readName(block, ustar.linkName);
  }
  return entry;
}

function ownerName(block: Buffer, field: TarField): string {
  return block[field.start] !== 0 && isUstar(block) ? readName(block, field) : "";
}

const sparseFlag = 0x53;

function typeOf(flag: number, name: string): EntryType | undefined {
  switch (flag) {
    case 0:
      // Before POSIX a directory was a file with a slash at the end of its name.
      return name.endsWith("/") ? "directory" : "file";
    case 0x30:
    // Contiguous, a hint that nobody follows.
    case 0x37:
      return "file";
    case 0x31:
      return "hardlink";
    case 0x32:
      return "symlink";
    case 0x33:
      return "character-device";
    case 0x34:
      return "block-device";
    case 0x35:
      return "directory";
    case 0x36:
      return "fifo";
    default:
      return undefined;
  }
}

interface Refusal {
  readonly path: string;
  readonly storedSize: number;
  readonly what: string;
}

function refuse({ path, storedSize, what }: Refusal): Member {
  const message = `The entry ${what}, so it was left out`;
  return { note: { path, problem: path === "" ? "unsafe" : "unsupported", message }, storedSize };
}

function sizeOf(block: Buffer, offset: number): number {
  const size = numberOf(block, ustar.size, offset);
  if (size < 0 || size > largestTarSize) throw damagedAt(offset, `a header claims ${size} bytes`);
  return size;
}

function numberOf(block: Buffer, field: TarField, offset: number): number {
  const value = readTarNumber(block, field);
  if (Number.isNaN(value))
    throw damagedAt(offset + field.start, "a field of a header is no number");
  return value;
}

/** Name in the block itself, with the directory that ustar keeps in a field of its own. */
function blockName(block: Buffer): string {
  const name = readName(block, ustar.name);
  // GNU's own header keeps times there.
  if (block[ustar.prefix.start] === 0 || !isUstar(block) || isGnu(block)) return name;
  const prefix = readName(block, isStar(block) ? starPrefix : ustar.prefix);
  return prefix === "" ? name : `${prefix}/${name}`;
}

const starPrefix: TarField = { start: ustar.prefix.start, length: 131 };

function isUstar(block: Buffer): boolean {
  return block[257] === 0x75 && block.toString("latin1", 257, 262) === "ustar";
}

function isGnu(block: Buffer): boolean {
  return block[262] === 0x20;
}

/** star keeps two times behind a shorter prefix, and signs with `tar` at the end of the block. */
function isStar(block: Buffer): boolean {
  return block[508] === 0x74 && block.toString("latin1", 508, 512) === "tar\0";
}

function withoutTrailingSlash(path: string): string {
  let end = path.length;
  while (end > 1 && path.charCodeAt(end - 1) === 0x2f) end -= 1;
  return end === path.length ? path : path.slice(0, end);
}
