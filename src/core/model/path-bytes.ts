/**
 * File names are bytes; most are UTF-8. To carry any name in a string, a byte that is no part of valid
 * UTF-8 becomes the lone surrogate U+DC00 + byte, as Python's `surrogateescape` does, and goes back to
 * that byte on the way out.
 */

const firstEscape = 0xdc80;
const lastEscape = 0xdcff;

/** True if the text holds bytes that are not UTF-8. */
export function hasEscapedBytes(text: string): boolean {
  return /[\udc80-\udcff]/u.test(text);
}

/** Bytes of a name. */
export function encodePath(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code >= firstEscape && code <= lastEscape) bytes.push(code - 0xdc00);
    else if (code < 0x10000)
      bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      );
  }
  return Uint8Array.from(bytes);
}

/** Name of the bytes; the inverse of `encodePath`. */
export function decodePath(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const [code, length] = codePointAt(bytes, at);
    text += String.fromCodePoint(code);
    at += length;
  }
  return text;
}

function codePointAt(bytes: Uint8Array, at: number): [code: number, length: number] {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return [lead, 1];
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  let code = lead & (0xff >> (length + 1));
  for (let step = 1; step < length; step += 1) {
    const next = bytes[at + step] ?? 0;
    if ((next & 0xc0) !== 0x80) return [0xdc00 + lead, 1];
    code = (code << 6) | (next & 63);
  }
  const leadsWell = lead >= 0xc2 && lead < 0xf5;
  return leadsWell && isEncodedAs(code, length) ? [code, length] : [0xdc00 + lead, 1];
}

/** True for the shortest form of a code point that is no surrogate. */
function isEncodedAs(code: number, length: number): boolean {
  const smallest = [0x80, 0x800, 0x10000][length - 2] ?? 0;
  return code >= smallest && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}
