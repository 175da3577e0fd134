import { encodePath, hasEscapedBytes } from "#core/model/path-bytes.ts";
import { writeChecksum } from "./checksum.ts";
import { paddingAfter, tarBlock } from "./padding.ts";
import { writeTarNumber } from "./tar-number.ts";
import { writeUstarBlock } from "./ustar-block.ts";
import { ustar } from "./ustar-fields.ts";

/** Declares that the names of a header are bytes, not UTF-8, as Python and GNU tar do. */
export const binaryNamesRecord = "21 hdrcharset=BINARY\n";

/**
 * One PAX record, `<length> <keyword>=<value>\n`, as text with one character per byte. The length
 * counts itself.
 * @param value one character per byte
 */
export function paxRecord(keyword: string, value: string): string {
  const rest = keyword.length + value.length + 3;
  let length = rest + digits(rest);
  // Adding the digits can add a digit: 98 + 2 is three digits long.
  if (digits(length) !== digits(rest)) length = rest + digits(length);
  return `${length} ${keyword}=${value}\n`;
}

/** The bytes of a name as text with one character per byte. */
export function nameAsBytes(name: string): string {
  return isAscii(name) ? name : Buffer.from(encodePath(name)).toString("latin1");
}

/** True if a record with this name needs `hdrcharset=BINARY`. */
export function needsBinaryNames(name: string | undefined): boolean {
  return name !== undefined && !isAscii(name) && hasEscapedBytes(name);
}

/** A modification time as a PAX value: decimal, no exponent (GNU tar knows none). */
export function paxTime(seconds: number): string {
  const text = String(seconds);
  return text.includes("e") ? seconds.toFixed(20) : text;
}

/**
 * Writes an `x` header with these records: a header block and the records in whole blocks.
 * @param records one character per byte
 * @returns bytes written
 */
export function writePaxHeader(target: Uint8Array, at: number, records: string): number {
  const block = target.subarray(at, at + tarBlock);
  block.set(paxBlock);
  writeTarNumber(block, ustar.size, records.length);
  writeChecksum(block);
  const start = at + tarBlock;
  const end = start + records.length;
  for (let index = 0; index < records.length; index += 1)
    target[start + index] = records.charCodeAt(index);
  const padding = paddingAfter(records.length);
  target.fill(0, end, end + padding);
  return end + padding - at;
}

export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1)
    if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

/** The name is a fixed one, as in Python and star: it depends on nothing and always fits. */
const paxBlock = emptyPaxBlock();

function emptyPaxBlock(): Uint8Array {
  const block = new Uint8Array(tarBlock);
  writeUstarBlock(block, 0, {
    name: "././@PaxHeader",
    type: 0x78,
    mode: 0,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: 0,
    linkTarget: "",
    uname: "",
    gname: "",
  });
  return block;
}

function digits(value: number): number {
  return String(value).length;
}
