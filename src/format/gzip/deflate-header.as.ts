/** The header of a block with its own codes (RFC 1951, section 3.2.7): the lengths of these codes. */
import { assignCodes, buildLengths } from "./deflate-huffman.as";
import { putBits } from "./deflate-output.as";
import { count, setU32, u32At, u8At } from "./deflate-tables.as";

export const LITERAL_SYMBOLS: i32 = 286;
export const DISTANCE_SYMBOLS: i32 = 30;
const HEADER_SYMBOLS: i32 = 19;
const MAX_HEADER_CODE_BITS: i32 = 7;
const DYNAMIC_BLOCK: u64 = 4;

/** u8 per symbol, zero for an unused one. */
export const literalLengths: usize = memory.data(288, 16);
export const distanceLengths: usize = memory.data(32, 16);
const headerLengths: usize = memory.data(32, 16);
const headerCounts: usize = memory.data(HEADER_SYMBOLS << 2, 16);
const headerCodes: usize = memory.data(HEADER_SYMBOLS << 2, 16);
/** The order in which lengths of the header's own code are sent. */
const headerOrder: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

const REPEAT_LAST: u32 = 16;
const ZEROS_SHORT: u32 = 17;
const ZEROS_LONG: u32 = 18;
/** u32 per item: symbol, above it the value of its extra bits. */
const headerItems: usize = memory.data(320 << 2, 16);
const allLengths: usize = memory.data(320, 16);
let headerItemCount: i32 = 0;
let literalsSent: i32 = 0;
let distancesSent: i32 = 0;
let headerLengthsSent: i32 = 0;

/** Run-length codes the code lengths, chooses a code for that, and returns the bits of it all. */
export function planHeader(): u64 {
  literalsSent = withoutTrailingZeros(literalLengths, LITERAL_SYMBOLS, 257);
  distancesSent = withoutTrailingZeros(distanceLengths, DISTANCE_SYMBOLS, 1);
  memory.copy(allLengths, literalLengths, literalsSent);
  memory.copy(allLengths + literalsSent, distanceLengths, distancesSent);
  listHeaderItems(literalsSent + distancesSent);
  buildLengths(headerCounts, HEADER_SYMBOLS, MAX_HEADER_CODE_BITS, headerLengths);
  headerLengthsSent = HEADER_SYMBOLS;
  while (headerLengthsSent > 4 && u8At(headerLengths, u8At(headerOrder, headerLengthsSent - 1)) == 0) headerLengthsSent--;
  let bits: u64 = 17 + 3 * headerLengthsSent;
  for (let symbol = 0; symbol < HEADER_SYMBOLS; symbol++) {
    bits += <u64>u32At(headerCounts, symbol) * <u64>(u8At(headerLengths, symbol) + headerExtraBits(symbol));
  }
  return bits;
}

function withoutTrailingZeros(lengths: usize, symbols: i32, least: i32): i32 {
  let end = symbols;
  while (end > least && u8At(lengths, end - 1) == 0) end--;
  return end;
}

function headerExtraBits(symbol: u32): u32 {
  if (symbol == REPEAT_LAST) return 2;
  if (symbol == ZEROS_SHORT) return 3;
  return symbol == ZEROS_LONG ? 7 : 0;
}

function listHeaderItems(total: i32): void {
  memory.fill(headerCounts, 0, HEADER_SYMBOLS << 2);
  headerItemCount = 0;
  let at = 0;
  while (at < total) {
    const length = u8At(allLengths, at);
    let run = 1;
    while (at + run < total && u8At(allLengths, at + run) == length) run++;
    at += run;
    if (length == 0) listZeros(run);
    else listRepeats(length, run);
  }
}

function listZeros(run: i32): void {
  while (run >= 11) {
    const taken = min(run, 138);
    addHeaderItem(ZEROS_LONG, taken - 11);
    run -= taken;
  }
  if (run >= 3) addHeaderItem(ZEROS_SHORT, run - 3);
  else while (run-- > 0) addHeaderItem(0, 0);
}

function listRepeats(length: u32, run: i32): void {
  addHeaderItem(length, 0);
  run--;
  while (run >= 3) {
    const taken = min(run, 6);
    addHeaderItem(REPEAT_LAST, taken - 3);
    run -= taken;
  }
  while (run-- > 0) addHeaderItem(length, 0);
}

function addHeaderItem(symbol: u32, extra: u32): void {
  setU32(headerItems, headerItemCount++, symbol | (extra << 8));
  count(headerCounts, symbol);
}

export function putHeader(): void {
  assignCodes(headerLengths, HEADER_SYMBOLS, headerCodes);
  putBits(DYNAMIC_BLOCK, 3);
  putBits(literalsSent - 257, 5);
  putBits(distancesSent - 1, 5);
  putBits(headerLengthsSent - 4, 4);
  for (let i = 0; i < headerLengthsSent; i++) putBits(u8At(headerLengths, u8At(headerOrder, i)), 3);
  for (let i = 0; i < headerItemCount; i++) {
    const item = u32At(headerItems, i);
    const code = u32At(headerCodes, item & 255);
    putBits(code >> 8, code & 255);
    putBits(item >> 8, headerExtraBits(item & 255));
  }
}
