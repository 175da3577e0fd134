import type { TarField } from "./ustar-fields.ts";

/**
 * Number fields of a header block: octal digits, or, for what does not fit, base-256 (first bit set,
 * two's complement, most significant byte first) as GNU tar writes it.
 */

const zero = 0x30;
const space = 0x20;

/** Value of a field; 0 if it is blank, NaN if it is no number or none that a double holds exactly. */
export function readTarNumber(block: Uint8Array, field: TarField): number {
  const end = field.start + field.length;
  if (((block[field.start] ?? 0) & 0x80) !== 0) return readBase256(block, field);
  let at = field.start;
  while (at < end && (block[at] === space || block[at] === 0)) at += 1;
  let value = 0;
  for (; at < end; at += 1) {
    const digit = (block[at] ?? 0) - zero;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  return isBlank(block, at, end) ? value : NaN;
}

/** Writes octal digits and a NUL; the value has to fit. */
export function writeTarNumber(block: Uint8Array, field: TarField, value: number): void {
  const last = field.start + field.length - 1;
  block[last] = 0;
  let rest = value;
  for (let at = last - 1; at >= field.start; at -= 1) {
    const quotient = Math.floor(rest / 8);
    block[at] = zero + (rest - quotient * 8);
    rest = quotient;
  }
}

/** A NUL ends the field; some writers leave old bytes behind it. */
function isBlank(block: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end && block[at] !== 0; at += 1) if (block[at] !== space) return false;
  return true;
}

function readBase256(block: Uint8Array, { start, length }: TarField): number {
  const first = block[start] ?? 0;
  let value = (first & 0x40) === 0 ? first & 0x3f : (first & 0x3f) - 0x40;
  for (let at = start + 1; at < start + length; at += 1) value = value * 256 + (block[at] ?? 0);
  return Number.isSafeInteger(value) ? value : NaN;
}
