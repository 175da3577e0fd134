/**
 * The open block: sequences are added to it, and when it ends it is written with codes made for it or
 * stored, whichever is smaller.
 */
import {
  DISTANCE_SYMBOLS,
  distanceLengths,
  LITERAL_SYMBOLS,
  literalLengths,
  planHeader,
  putHeader,
} from "./deflate-header.as";
import { assignCodes, buildLengths } from "./deflate-huffman.as";
import { MAX_STORED, out, putStored, setOutput, waiting, waitingBits } from "./deflate-output.as";
import { count, setU32, u32At, u8At } from "./deflate-tables.as";

const MAX_CODE_BITS: i32 = 15;
const END_OF_BLOCK: i32 = 256;
const LENGTH_SYMBOLS: i32 = 29;

/** A block is full beyond either limit: codes follow what changes, and headers stay rare. */
const BLOCK_BYTES: usize = 131072;
const BLOCK_SEQUENCES: usize = 16384;
/** What may be added between two looks at the limits: a segment of 32 KiB, a match for every 4 bytes. */
const MORE_SEQUENCES: usize = 8192 + 8;

/**
 * u64 per sequence, a run of literals and a match. Low half: the number of literals. High half, from its
 * low bit: distance - 1 (15 bits), length - 3 (9 bits), distance symbol (8 bits).
 */
const sequences: usize = memory.data(<i32>((BLOCK_SEQUENCES + MORE_SEQUENCES) << 3), 16);
let sequencesEnd: usize = sequences;
let blockStart: usize = 0;
/** Behind the last match. */
let literalsStart: usize = 0;

const literalCounts: usize = memory.data(LITERAL_SYMBOLS << 2, 16);
const distanceCounts: usize = memory.data(DISTANCE_SYMBOLS << 2, 16);

export function startBlock(at: usize): void {
  blockStart = at;
  literalsStart = at;
  sequencesEnd = sequences;
  memory.fill(literalCounts, 0, LITERAL_SYMBOLS << 2);
  memory.fill(distanceCounts, 0, DISTANCE_SYMBOLS << 2);
}

export function blockIsFull(at: usize): bool {
  return at - blockStart >= BLOCK_BYTES || sequencesEnd - sequences >= BLOCK_SEQUENCES << 3;
}

/** Every byte that no match covers has to be counted, in whatever order. */
export function countLiteral(at: usize): void {
  count(literalCounts, load<u8>(at));
}

/** Adds a match (length << 16 | distance) at this place; what lies before it are literals. */
// @ts-ignore: decorator
@inline
export function addMatch(at: usize, match: u32): void {
  const length = (match >> 16) - 3;
  const distance = (match & 0xffff) - 1;
  const symbol = distanceSymbol(distance);
  count(literalCounts, 257 + u8At(lengthSymbols, length));
  count(distanceCounts, symbol);
  store<u32>(sequencesEnd, <u32>(at - literalsStart));
  store<u32>(sequencesEnd + 4, distance | (length << 15) | (symbol << 24));
  sequencesEnd += 8;
  literalsStart = at + (match >> 16);
}

export function endBlock(at: usize): void {
  if (at == blockStart) return;
  count(literalCounts, END_OF_BLOCK);
  buildLengths(literalCounts, LITERAL_SYMBOLS, MAX_CODE_BITS, literalLengths);
  buildLengths(distanceCounts, DISTANCE_SYMBOLS, MAX_CODE_BITS, distanceLengths);
  // Some readers refuse a block without any distance code.
  if (sequencesEnd == sequences) store<u8>(distanceLengths, 1);
  const storedBytes = at - blockStart + 5 * ((at - blockStart) / MAX_STORED + 1);
  const bits = planHeader() + bodyBits();
  if ((bits + 7) >> 3 >= <u64>storedBytes) {
    putStored(blockStart, at);
  } else {
    putHeader();
    putBody(at);
  }
}

function bodyBits(): u64 {
  let bits: u64 = 0;
  for (let symbol = 0; symbol < LITERAL_SYMBOLS; symbol++) {
    const extra = symbol < 257 ? 0 : u8At(lengthExtraBits, symbol - 257);
    bits += <u64>u32At(literalCounts, symbol) * <u64>(u8At(literalLengths, symbol) + extra);
  }
  for (let symbol = 0; symbol < DISTANCE_SYMBOLS; symbol++) {
    const extra = distanceExtraBits(symbol);
    bits += <u64>u32At(distanceCounts, symbol) * <u64>(u8At(distanceLengths, symbol) + extra);
  }
  return bits;
}

// --- Lengths and distances as symbols (RFC 1951, section 3.2.5) ---

const lengthBases: usize = memory.data<u16>([3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258]);
const lengthExtraBits: usize = memory.data<u8>([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]);
/** u8 per length - 3: its symbol - 257. */
const lengthSymbols: usize = memory.data(256, 16);

export function fillLengthSymbols(): void {
  for (let symbol = 0; symbol < LENGTH_SYMBOLS; symbol++) {
    const base = <i32>lengthBase(symbol);
    // 258 has a symbol of its own, although the one before could say it too.
    const end = symbol == 27 ? 255 : base + (1 << u8At(lengthExtraBits, symbol));
    for (let i = base; i < end; i++) store<u8>(lengthSymbols + i, symbol);
  }
}

/** The least length - 3 that has this symbol. */
function lengthBase(symbol: i32): u32 {
  return <u32>load<u16>(lengthBases + ((<usize>symbol) << 1)) - 3;
}

/** Two symbols for each power of two. */
function distanceSymbol(distance: u32): u32 {
  if (distance < 4) return distance;
  const power = 31 - clz(distance);
  return (power << 1) | ((distance >> (power - 1)) & 1);
}

function distanceExtraBits(symbol: u32): u32 {
  return symbol < 4 ? 0 : (symbol >> 1) - 1;
}

// --- The body of a block ---

/** What stands in the place of the last sequence's match: end of block, and a distance of no bits. */
const NO_LENGTH: u32 = 256;
const NO_DISTANCE: u32 = 30;

/** u32 per symbol: code above its length in the low byte. */
const literalCodes: usize = memory.data(LITERAL_SYMBOLS << 2, 16);
/** u32 per length - 3: code and extra bits together, above their number in the low byte. */
const lengthCodes: usize = memory.data((<i32>NO_LENGTH + 1) << 2, 16);
/** u32 per symbol: code, number of extra bits (8 bits), length of the code (8 bits). */
const distanceCodes: usize = memory.data((<i32>NO_DISTANCE + 1) << 2, 16);

function fillCodes(): void {
  assignCodes(literalLengths, LITERAL_SYMBOLS, literalCodes);
  for (let length: u32 = 0; length < 256; length++) {
    const symbol = u8At(lengthSymbols, length);
    const code = u32At(literalCodes, 257 + symbol);
    const bits = (code >> 8) | ((length - lengthBase(symbol)) << (code & 255));
    setU32(lengthCodes, length, (bits << 8) | ((code & 255) + u8At(lengthExtraBits, symbol)));
  }
  setU32(lengthCodes, NO_LENGTH, u32At(literalCodes, END_OF_BLOCK));
  assignCodes(distanceLengths, DISTANCE_SYMBOLS, distanceCodes);
  for (let symbol = 0; symbol < DISTANCE_SYMBOLS; symbol++) {
    const code = u32At(distanceCodes, symbol);
    setU32(distanceCodes, symbol, ((code >> 8) << 16) | (distanceExtraBits(symbol) << 8) | (code & 255));
  }
  setU32(distanceCodes, NO_DISTANCE, 0);
}

/**
 * All in one loop with the bit buffer in local variables: half of the encoder's time that is not spent on
 * finding matches. Up to 7 bits wait in the buffer; three literals (45 bits) or a match (48) fit beside.
 */
function putBody(end: usize): void {
  fillCodes();
  store<u32>(sequencesEnd, <u32>(end - literalsStart));
  store<u32>(sequencesEnd + 4, (NO_LENGTH << 15) | (NO_DISTANCE << 24));
  let bits = waiting;
  let total = waitingBits;
  let target = out;
  let at = blockStart;
  for (let sequence = sequences; sequence <= sequencesEnd; sequence += 8) {
    const stop = at + <usize>load<u32>(sequence);
    for (; at + 3 <= stop; at += 3) {
      const first = u32At(literalCodes, load<u8>(at));
      bits |= <u64>(first >> 8) << total;
      total += first & 255;
      const second = u32At(literalCodes, load<u8>(at + 1));
      bits |= <u64>(second >> 8) << total;
      total += second & 255;
      const third = u32At(literalCodes, load<u8>(at + 2));
      bits |= <u64>(third >> 8) << total;
      total += third & 255;
      store<u64>(target, bits);
      target += <usize>(total >> 3);
      bits >>= total & 56;
      total &= 7;
    }
    // None, one or two are left: without a branch, as their number cannot be guessed.
    const first = at < stop ? u32At(literalCodes, load<u8>(at)) : 0;
    bits |= <u64>(first >> 8) << total;
    total += first & 255;
    const second = at + 1 < stop ? u32At(literalCodes, load<u8>(at + 1)) : 0;
    bits |= <u64>(second >> 8) << total;
    total += second & 255;
    store<u64>(target, bits);
    target += <usize>(total >> 3);
    bits >>= total & 56;
    total &= 7;
    const match = load<u32>(sequence + 4);
    const length = u32At(lengthCodes, (match >> 15) & 511);
    bits |= <u64>(length >> 8) << total;
    total += length & 255;
    const distance = u32At(distanceCodes, match >> 24);
    bits |= <u64>(distance >> 16) << total;
    total += distance & 255;
    const extraBits = (distance >> 8) & 255;
    bits |= <u64>(match & ((1 << extraBits) - 1)) << total;
    total += extraBits;
    store<u64>(target, bits);
    target += <usize>(total >> 3);
    bits >>= total & 56;
    total &= 7;
    at = stop + ((match >> 15) & 511) + 3;
  }
  setOutput(target, bits, total);
}
