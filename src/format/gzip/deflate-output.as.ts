/** The output buffer, bit by bit, and stored blocks (RFC 1951, sections 3.1.1 and 3.2.4). */
import { MAX_INPUT, SLACK } from "./deflate-input.as";

/** The bound that the host counts on, too: see `compressedBound`. */
export const output: usize = memory.data(<i32>(MAX_INPUT + (MAX_INPUT >> 8) + 1024 + SLACK), 16);

/** Where the next whole byte goes. */
export let out: usize = 0;
/** Bits that do not fill a byte yet; at most 7 between calls. */
export let waiting: u64 = 0;
export let waitingBits: u64 = 0;

export function setOutput(at: usize, bits: u64, total: u64): void {
  out = at;
  waiting = bits;
  waitingBits = total;
}

/** At most 56 bits at once. */
export function putBits(bits: u64, total: u64): void {
  const all = waiting | (bits << waitingBits);
  const allBits = waitingBits + total;
  store<u64>(out, all);
  setOutput(out + <usize>(allBits >> 3), all >> (allBits & 56), allBits & 7);
}

export const MAX_STORED: usize = 65535;

export function putStored(from: usize, to: usize): void {
  for (let at = from; at < to; at += MAX_STORED) {
    const length = min(to - at, MAX_STORED);
    putStoredHeader(<u32>length);
    memory.copy(out, at, length);
    out += length;
  }
}

/** Three zero bits say: not the last block, stored. The rest of their byte is skipped. */
export function putStoredHeader(length: u32): void {
  putBits(0, 3);
  if (waitingBits > 0) putBits(0, 8 - waitingBits);
  store<u32>(out, length | (~length << 16));
  out += 4;
}
