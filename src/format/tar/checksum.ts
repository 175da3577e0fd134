import { tarBlock } from "./padding.ts";
import { readTarNumber } from "./tar-number.ts";
import { ustar } from "./ustar-fields.ts";

const { start, length } = ustar.checksum;
const spaces = length * 0x20;

/** Sum over a header block, the checksum field itself counted as spaces. */
export function tarChecksum(block: Uint8Array): number {
  const view = new DataView(block.buffer, block.byteOffset, tarBlock);
  // Four bytes at a time in two lanes of 16 bits: 512 bytes of 255 do not overflow them.
  let lanes = 0;
  for (let at = 0; at < tarBlock; at += 4) {
    const word = view.getInt32(at);
    lanes = (lanes + (word & 0x00ff00ff) + ((word >>> 8) & 0x00ff00ff)) | 0;
  }
  let sum = (lanes & 0xffff) + (lanes >>> 16) + spaces;
  for (let at = start; at < start + length; at += 1) sum -= block[at] ?? 0;
  return sum;
}

/** True if the block holds its own checksum. Some old writers summed signed bytes; that is accepted. */
export function hasValidChecksum(block: Uint8Array): boolean {
  const stored = readTarNumber(block, ustar.checksum);
  return stored === tarChecksum(block) || stored === signedChecksum(block);
}

/** Six octal digits, NUL, space: the form that every tar writes. */
export function writeChecksum(block: Uint8Array): void {
  let rest = tarChecksum(block);
  for (let at = start + 5; at >= start; at -= 1) {
    block[at] = 0x30 + (rest & 7);
    rest >>= 3;
  }
  block[start + 6] = 0;
  block[start + 7] = 0x20;
}

function signedChecksum(block: Uint8Array): number {
  let sum = tarChecksum(block);
  for (let at = 0; at < tarBlock; at += 1) {
    const inField = at >= start && at < start + length;
    if (!inField && (block[at] ?? 0) > 0x7f) sum -= 256;
  }
  return sum;
}
