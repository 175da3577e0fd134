import { writeChecksum } from "./checksum.ts";
import { tarBlock } from "./padding.ts";
import { writeTarNumber } from "./tar-number.ts";
import { ustar, type TarField } from "./ustar-fields.ts";

/** The largest values that the octal fields of a ustar header hold. */
export const largestUstarSize = 8 ** 11 - 1;
export const largestUstarId = 8 ** 7 - 1;

export interface UstarBlock {
  /** Cut at 100 bytes; characters beyond ASCII become `?` (the PAX record has the real name). */
  readonly name: string;
  readonly type: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly linkTarget: string;
  readonly uname: string;
  readonly gname: string;
}

/** Writes one POSIX ustar header at `at`. Numbers have to fit. */
export function writeUstarBlock(target: Uint8Array, at: number, fields: UstarBlock): void {
  const block = target.subarray(at, at + tarBlock);
  block.fill(0);
  writeText(block, ustar.name, fields.name);
  writeTarNumber(block, ustar.mode, fields.mode & 0o7777);
  writeTarNumber(block, ustar.uid, fields.uid);
  writeTarNumber(block, ustar.gid, fields.gid);
  writeTarNumber(block, ustar.size, fields.size);
  writeTarNumber(block, ustar.mtime, fields.mtime);
  block[ustar.type] = fields.type;
  writeText(block, ustar.linkName, fields.linkTarget);
  block.set(magicAndVersion, ustar.magic);
  writeText(block, ustar.uname, fields.uname);
  writeText(block, ustar.gname, fields.gname);
  writeChecksum(block);
}

/** A time as a ustar header can have it: whole seconds, 0 for what does not fit. */
export function ustarTime(mtime: number): number {
  const seconds = roundHalfToEven(mtime);
  return seconds >= 0 && seconds <= largestUstarSize ? seconds : 0;
}

/** As Python rounds, so that our headers equal its headers. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** `ustar`, NUL, version `00`. */
const magicAndVersion = Uint8Array.of(0x75, 0x73, 0x74, 0x61, 0x72, 0, 0x30, 0x30);

function writeText(block: Uint8Array, field: TarField, text: string): void {
  const length = Math.min(field.length, text.length);
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return writeReplaced(block, field, text);
    block[field.start + index] = code;
  }
}

function writeReplaced(block: Uint8Array, { start, length }: TarField, text: string): void {
  let at = start;
  for (const character of text) {
    if (at === start + length) return;
    const code = character.codePointAt(0) ?? 0;
    block[at] = code > 0x7f ? 0x3f : code;
    at += 1;
  }
}
