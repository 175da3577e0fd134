import { decodePath } from "#core/model/path-bytes.ts";
import type { TarField } from "./ustar-fields.ts";

/** The name in a field, up to its first NUL. */
export function readName(bytes: Buffer, { start, length }: TarField): string {
  const limit = start + length;
  let end = start;
  while (end < limit && bytes[end] !== 0) end += 1;
  return decodeName(bytes, start, end);
}

/** The bytes from `start` to `end` as a name; those that are not UTF-8 stay (see `path-bytes.ts`). */
export function decodeName(bytes: Buffer, start: number, end: number): string {
  if (isAscii(bytes, start, end)) return bytes.toString("latin1", start, end);
  const text = bytes.toString("utf8", start, end);
  // The decoder puts U+FFFD where a byte is no UTF-8, and a name may really hold one.
  return text.includes("\ufffd") ? decodePath(bytes.subarray(start, end)) : text;
}

function isAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if ((bytes[at] ?? 0) > 0x7f) return false;
  return true;
}
