/**
 * One-pass deflate encoder (RFC 1951), in AssemblyScript: `scripts/build-deflate.ts` compiles it to
 * `deflate.wasm`. It is no part of the TypeScript program.
 *
 * The host writes up to 1 MiB at `inputAddress`, calls `deflate(length)` and reads the result at
 * `outputAddress`. The result ends at a byte border with an empty stored block (a sync marker) and
 * refers to nothing before it, so results can be joined into one stream and inflated alone.
 * The same input gives the same output, whatever was compressed before.
 *
 * How: the input is cut into segments. One that looks random is stored at once. Others are parsed
 * into sequences (a run of literals, then a match), and a few segments' sequences make a block with
 * its own Huffman codes. Matches come from a hash table of the last positions of each four bytes.
 */

const MAX_INPUT: usize = 1 << 20;
const WINDOW: u32 = 32768;
const MIN_MATCH: u32 = 4;
const MAX_MATCH: u32 = 258;

/** Matching and flushing load and store 8 bytes at a time, so each buffer is longer by some. */
const SLACK: usize = 64;

// --- What to tune: measured on recorder databases, configuration text and media ---

const HASH_BITS: u32 = 15;
/** Input bytes that are judged random or not at once. */
const SEGMENT: usize = 16384;
/** A block is closed at the first segment end beyond either limit. */
const BLOCK_BYTES: usize = 131072;
const BLOCK_SEQUENCES: i32 = 16384;
/** A match at least this long is taken without looking one byte further for a better one. */
const LAZY_BELOW: u32 = 16;
/** A match of MIN_MATCH bytes farther away than this takes more bits than the literals would. */
const NEAR: u32 = 4096;
/** After 2^MISS_SHIFT positions in a row without a match, steps grow by one byte. */
const MISS_SHIFT: u32 = 6;

// --- Memory ---

/** Candidates are loaded before it is known that they lie inside the input, so 64 KiB lie before it. */
const input: usize = memory.data(65536 + <i32>(MAX_INPUT + SLACK), 16) + 65536;
const output: usize = memory.data(<i32>(MAX_INPUT + (MAX_INPUT >> 8) + 1024 + SLACK), 16);
/** Per hash: the two last positions, as u16 each, newest in the low half. */
const heads: usize = memory.data(4 << HASH_BITS, 16);
/** u64 per sequence: see `addSequence`. A segment adds at most one per MIN_MATCH bytes. */
const sequences: usize = memory.data((BLOCK_SEQUENCES + <i32>(SEGMENT >> 2) + 8) << 3, 16);

export const inputAddress: usize = input;
export const outputAddress: usize = output;

const LITERAL_SYMBOLS: i32 = 286;
const DISTANCE_SYMBOLS: i32 = 30;
const HEADER_SYMBOLS: i32 = 19;
const END_OF_BLOCK: i32 = 256;
const MAX_CODE_BITS: i32 = 15;
const MAX_HEADER_CODE_BITS: i32 = 7;

const literalCounts: usize = memory.data(LITERAL_SYMBOLS << 2, 16);
const distanceCounts: usize = memory.data(DISTANCE_SYMBOLS << 2, 16);
const headerCounts: usize = memory.data(HEADER_SYMBOLS << 2, 16);
const literalLengths: usize = memory.data(288, 16);
const distanceLengths: usize = memory.data(32, 16);
const headerLengths: usize = memory.data(32, 16);
/** u32 per symbol: bits of the code, reversed as deflate wants them, above its length in the low byte. */
const literalCodes: usize = memory.data(288 << 2, 16);
const distanceCodes: usize = memory.data(32 << 2, 16);
const headerCodes: usize = memory.data(32 << 2, 16);
/** u32 per match length - 3: code and extra bits together, above their number in the low byte. */
const lengthCodes: usize = memory.data(256 << 2, 16);
/** u8 per match length - 3: its symbol - 257. */
const lengthSymbols: usize = memory.data(256, 16);

const LENGTH_SYMBOLS: i32 = 29;
// prettier-ignore
const lengthBases: usize = memory.data<u16>([3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258]);
// prettier-ignore
const lengthExtraBits: usize = memory.data<u8>([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]);
/** The order in which lengths of the header's own code are sent. */
// prettier-ignore
const headerOrder: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

function u32At(table: usize, index: i32): u32 {
  return load<u32>(table + ((<usize>index) << 2));
}

function setU32(table: usize, index: i32, value: u32): void {
  store<u32>(table + ((<usize>index) << 2), value);
}

function u8At(table: usize, index: i32): u32 {
  return load<u8>(table + <usize>index);
}

function count(table: usize, symbol: i32): void {
  setU32(table, symbol, u32At(table, symbol) + 1);
}

// --- Entry ---

/** Compresses `length` bytes (at most 1 MiB) and returns the length of the result. */
export function deflate(length: i32): i32 {
  startOutput();
  fillLengthSymbols();
  memory.fill(heads, 0, 4 << HASH_BITS);
  inputEnd = input + <usize>length;
  startBlock(input);
  let at = input;
  while (at < inputEnd) {
    const end = min(at + SEGMENT, inputEnd);
    if (looksRandom(at, end)) {
      endBlock(at);
      const from = at;
      at = end;
      while (at < inputEnd && looksRandom(at, min(at + SEGMENT, inputEnd))) at = min(at + SEGMENT, inputEnd);
      putStored(from, at);
      startBlock(at);
    } else {
      at = parse(at, end);
      if (blockIsFull(at)) {
        endBlock(at);
        startBlock(at);
      }
    }
  }
  endBlock(at);
  putStoredHeader(0);
  return <i32>(out - output);
}

let inputEnd: usize = 0;

function fillLengthSymbols(): void {
  for (let symbol = 0; symbol < LENGTH_SYMBOLS; symbol++) {
    const base = <i32>load<u16>(lengthBases + ((<usize>symbol) << 1)) - 3;
    // Length 258 has a symbol of its own, although 257's extra bits could say it too.
    const end = symbol == 27 ? 255 : base + (1 << u8At(lengthExtraBits, symbol));
    for (let i = base; i < end; i++) store<u8>(lengthSymbols + i, symbol);
  }
}

// --- Random or not ---

const SAMPLES: i32 = 2048;
const SAMPLE_RUN: i32 = 32;
/**
 * Chi-squared statistic of the sampled bytes below which they count as evenly spread (255 is expected of
 * random bytes). What is lost by storing such data is below one per cent.
 */
const EVEN_BELOW: u32 = 480;
const sampleCounts: usize = memory.data(256 << 2, 16);
const PROBE_STEP: usize = 32;
const PROBE_WINDOW: usize = 1024;

/** True for compressed or encrypted data: bytes evenly spread, and no repeat of some length. */
function looksRandom(from: usize, to: usize): bool {
  if (to - from < <usize>SAMPLES) return false;
  return bytesAreEven(from, to) && !hasRepeats(from, to);
}

function bytesAreEven(from: usize, to: usize): bool {
  memory.fill(sampleCounts, 0, 256 << 2);
  const stride = (to - from) / (SAMPLES / SAMPLE_RUN);
  for (let run = 0; run < SAMPLES / SAMPLE_RUN; run++) {
    const start = from + <usize>run * stride;
    for (let i = 0; i < SAMPLE_RUN; i++) count(sampleCounts, load<u8>(start + i));
  }
  let squares: u32 = 0;
  for (let i = 0; i < 256; i++) squares += u32At(sampleCounts, i) * u32At(sampleCounts, i);
  return (squares * 256) / SAMPLES - SAMPLES < EVEN_BELOW;
}

/** Notes every 32nd position and asks for 32 in a row of each KiB: finds repeats of about a KiB. */
function hasRepeats(from: usize, to: usize): bool {
  const end = min(to, inputEnd - 8);
  for (let window = from; window < end; window += PROBE_WINDOW) {
    const windowEnd = min(window + PROBE_WINDOW, end);
    for (let at = window; at < min(window + PROBE_STEP, end); at++) {
      if (repeatsAt(at)) return true;
    }
    for (let at = window; at < windowEnd; at += PROBE_STEP) remember(at);
  }
  return false;
}

function repeatsAt(at: usize): bool {
  const distance = (<u32>(at - input) - load<u32>(slotOf(load<u32>(at)))) & 0xffff;
  if (distance - 1 >= reachAt(at)) return false;
  return load<u64>(at) == load<u64>(at - distance);
}

// --- Finding matches ---

function slotOf(fourBytes: u32): usize {
  return heads + ((<usize>((fourBytes * 0x9e3779b1) >> (32 - HASH_BITS))) << 2);
}

/** How far back a match at this place may begin. */
function reachAt(at: usize): u32 {
  return min(<u32>(at - input), WINDOW);
}

function remember(at: usize): void {
  const slot = slotOf(load<u32>(at));
  store<u32>(slot, (load<u32>(slot) << 16) | (<u32>(at - input) & 0xffff));
}

/**
 * Length << 16 | distance of the longer of two candidates, or 0. Positions are kept modulo 65536, so a
 * candidate may be an older one in disguise: only the comparison of its bytes makes it a match. Both are
 * compared before anything is decided, because a branch that is guessed wrong costs more than a load.
 */
// @ts-ignore: decorator
@inline
function findMatch(at: usize): u32 {
  const eightBytes = load<u64>(at);
  const slot = slotOf(<u32>eightBytes);
  const bucket = load<u32>(slot);
  const position = <u32>(at - input);
  store<u32>(slot, (bucket << 16) | (position & 0xffff));
  const reach = min(position, WINDOW);
  const newer = (position - bucket) & 0xffff;
  const older = (position - (bucket >> 16)) & 0xffff;
  const newerLength = newer - 1 < reach ? <u32>ctz(load<u64>(at - newer) ^ eightBytes) >> 3 : 0;
  const olderLength = older - 1 < reach ? <u32>ctz(load<u64>(at - older) ^ eightBytes) >> 3 : 0;
  const length = max(newerLength, olderLength);
  const distance = olderLength > newerLength ? older : newer;
  if (length < MIN_MATCH || (length == MIN_MATCH && distance > NEAR)) return 0;
  if (length < 8) return (length << 16) | distance;
  const longer = (matchLength(at, distance) << 16) | distance;
  if (newerLength != olderLength) return longer;
  const olderToo = matchLength(at, older);
  return olderToo > longer >> 16 ? (olderToo << 16) | older : longer;
}

/** Given that eight bytes are equal, how many are. */
function matchLength(at: usize, distance: u32): u32 {
  const longest = <u32>min(inputEnd - at, <usize>MAX_MATCH);
  let length: u32 = 8;
  while (length < longest) {
    const difference = load<u64>(at + length) ^ load<u64>(at + length - distance);
    if (difference != 0) {
      length += <u32>(ctz(difference) >> 3);
      break;
    }
    length += 8;
  }
  return min(length, longest);
}

/** Turns [from, to) into sequences of the open block; returns where it ended, at most a match beyond `to`. */
function parse(from: usize, to: usize): usize {
  // The last bytes of the input are literals: hashing reads four bytes at once.
  const end = min(to, inputEnd - min(inputEnd - input, 8));
  let at = from;
  let misses: u32 = 0;
  while (at < end) {
    let match = findMatch(at);
    if (match == 0) {
      // Not beyond `to`: the step may be longer than what the input still has.
      at = min(at + 1 + (misses >> MISS_SHIFT), to);
      misses++;
      continue;
    }
    while (match >> 16 < LAZY_BELOW && at + 1 < end) {
      const next = findMatch(at + 1);
      if (next >> 16 <= match >> 16) break;
      match = next;
      at++;
    }
    misses = 0;
    addSequence(at, match);
    const next = at + (match >> 16);
    insertInside(at, next);
    at = next;
  }
  // The last eight bytes are literals.
  return to == inputEnd ? to : at;
}

/** Of the positions inside a match only a few are remembered: it costs more than it gains. */
function insertInside(at: usize, next: usize): void {
  if (next >= inputEnd - 8) return;
  remember(at + 2);
  remember(next - 1);
}

// --- The open block ---

let blockStart: usize = 0;
/** Where the literals begin that no sequence has taken yet. */
let literalsStart: usize = 0;
let sequencesEnd: usize = 0;

function startBlock(at: usize): void {
  blockStart = at;
  literalsStart = at;
  sequencesEnd = sequences;
  memory.fill(literalCounts, 0, LITERAL_SYMBOLS << 2);
  memory.fill(distanceCounts, 0, DISTANCE_SYMBOLS << 2);
}

function blockIsFull(at: usize): bool {
  return at - blockStart >= BLOCK_BYTES || sequencesEnd - sequences >= <usize>(BLOCK_SEQUENCES << 3);
}

/** A sequence, from the low bit: literals before (32 bits), distance - 1 (15), 1 free, length - 3 (8), distance symbol (8). */
function addSequence(at: usize, match: u32): void {
  const literals = at - literalsStart;
  countLiterals(literalsStart, at);
  const length = (match >> 16) - 3;
  const distance = (match & 0xffff) - 1;
  const symbol = distanceSymbol(distance);
  count(literalCounts, 257 + u8At(lengthSymbols, length));
  count(distanceCounts, symbol);
  store<u64>(sequencesEnd, (<u64>(distance | (length << 16) | (symbol << 24)) << 32) | <u64>literals);
  sequencesEnd += 8;
  literalsStart = at + (match >> 16);
}

function countLiterals(from: usize, to: usize): void {
  for (let at = from; at < to; at++) count(literalCounts, load<u8>(at));
}

/** RFC 1951, 3.2.5: two symbols per power of two. */
function distanceSymbol(distance: u32): u32 {
  if (distance < 4) return distance;
  const power = 31 - clz(distance);
  return (power << 1) | ((distance >> (power - 1)) & 1);
}

function distanceExtraBits(symbol: u32): u32 {
  return symbol < 4 ? 0 : (symbol >> 1) - 1;
}

function endBlock(at: usize): void {
  if (at == blockStart) return;
  countLiterals(literalsStart, at);
  count(literalCounts, END_OF_BLOCK);
  buildLengths(literalCounts, LITERAL_SYMBOLS, MAX_CODE_BITS, literalLengths);
  buildLengths(distanceCounts, DISTANCE_SYMBOLS, MAX_CODE_BITS, distanceLengths);
  // Some readers refuse a block without any distance code.
  if (u32At(distanceCounts, 0) == 0 && sequencesEnd == sequences) store<u8>(distanceLengths, 1);
  const headerBits = planHeader();
  const storedBytes = at - blockStart + 5 * ((at - blockStart) / MAX_STORED + 1);
  if ((headerBits + bodyBits() + 7) >> 3 >= <u64>storedBytes) {
    putStored(blockStart, at);
    return;
  }
  putHeader();
  putBody(at);
}

function bodyBits(): u64 {
  let bits: u64 = 0;
  for (let symbol = 0; symbol < LITERAL_SYMBOLS; symbol++) {
    const extra = symbol < 257 ? 0 : u8At(lengthExtraBits, symbol - 257);
    bits += <u64>u32At(literalCounts, symbol) * <u64>(u8At(literalLengths, symbol) + extra);
  }
  for (let symbol = 0; symbol < DISTANCE_SYMBOLS; symbol++) {
    bits += <u64>u32At(distanceCounts, symbol) * <u64>(u8At(distanceLengths, symbol) + distanceExtraBits(symbol));
  }
  return bits;
}

// --- Huffman codes ---

/** u32 per used symbol: count << 9 | symbol; sorted by count. */
const sortKeys: usize = memory.data(288 << 2, 16);
const nodeWeights: usize = memory.data((2 * 288) << 2, 16);
const nodeParents: usize = memory.data((2 * 288) << 2, 16);
/** How many codes have each length. */
const lengthTotals: usize = memory.data(64 << 2, 16);

/** Lengths of the best prefix code for these counts, none above `longest`. */
function buildLengths(counts: usize, symbols: i32, longest: i32, lengths: usize): void {
  memory.fill(lengths, 0, symbols);
  const used = sortSymbols(counts, symbols);
  if (used == 0) return;
  if (used == 1) {
    store<u8>(lengths + (u32At(sortKeys, 0) & 511), 1);
    return;
  }
  joinNodes(used);
  measureDepths(used, longest);
  shortenCodes(longest);
  assignLengths(used, longest, lengths);
}

function sortSymbols(counts: usize, symbols: i32): i32 {
  let used = 0;
  for (let symbol = 0; symbol < symbols; symbol++) {
    const total = u32At(counts, symbol);
    if (total != 0) setU32(sortKeys, used++, (total << 9) | symbol);
  }
  for (let gap = 121; gap > 0; gap = (gap - 1) / 3) {
    for (let i = gap; i < used; i++) {
      const key = u32At(sortKeys, i);
      let j = i;
      for (; j >= gap && u32At(sortKeys, j - gap) > key; j -= gap) setU32(sortKeys, j, u32At(sortKeys, j - gap));
      setU32(sortKeys, j, key);
    }
  }
  return used;
}

/** Huffman's algorithm with two queues: leaves in order, and joined nodes, which come out in order too. */
function joinNodes(leaves: i32): void {
  for (let i = 0; i < leaves; i++) setU32(nodeWeights, i, u32At(sortKeys, i) >> 9);
  let leaf = 0;
  let joined = leaves;
  for (let node = leaves; node < 2 * leaves - 1; node++) {
    let weight: u32 = 0;
    for (let child = 0; child < 2; child++) {
      const takeLeaf = leaf < leaves && (joined >= node || u32At(nodeWeights, leaf) <= u32At(nodeWeights, joined));
      const taken = takeLeaf ? leaf++ : joined++;
      weight += u32At(nodeWeights, taken);
      setU32(nodeParents, taken, node);
    }
    setU32(nodeWeights, node, weight);
  }
}

/** Counts leaves per depth, deeper ones at `longest`. */
function measureDepths(leaves: i32, longest: i32): void {
  const depths = nodeWeights;
  memory.fill(lengthTotals, 0, 64 << 2);
  const root = 2 * leaves - 2;
  setU32(depths, root, 0);
  for (let node = root - 1; node >= 0; node--) {
    const depth = u32At(depths, u32At(nodeParents, node)) + 1;
    setU32(depths, node, depth);
    if (node < leaves) count(lengthTotals, min(<i32>depth, longest));
  }
}

/** Cutting depths at `longest` over-fills the code space: lengthen other codes until they fit. */
function shortenCodes(longest: i32): void {
  let space: i32 = 0;
  for (let length = 1; length <= longest; length++) space += u32At(lengthTotals, length) << (longest - length);
  for (; space > 1 << longest; space--) {
    let length = longest - 1;
    while (u32At(lengthTotals, length) == 0) length--;
    setU32(lengthTotals, length, u32At(lengthTotals, length) - 1);
    setU32(lengthTotals, length + 1, u32At(lengthTotals, length + 1) + 2);
    setU32(lengthTotals, longest, u32At(lengthTotals, longest) - 1);
  }
}

/** The rarest symbols get the longest codes. */
function assignLengths(used: i32, longest: i32, lengths: usize): void {
  let next = 0;
  for (let length = longest; length > 0; length--) {
    for (let left = u32At(lengthTotals, length); left > 0; left--) {
      store<u8>(lengths + (u32At(sortKeys, next++) & 511), length);
    }
  }
}

const nextCodes: usize = memory.data(17 << 2, 16);

/** RFC 1951, 3.2.2: codes follow from their lengths. */
function assignCodes(lengths: usize, symbols: i32, codes: usize): void {
  memory.fill(lengthTotals, 0, 64 << 2);
  for (let symbol = 0; symbol < symbols; symbol++) count(lengthTotals, u8At(lengths, symbol));
  setU32(lengthTotals, 0, 0);
  let code: u32 = 0;
  for (let length = 1; length <= MAX_CODE_BITS; length++) {
    code = (code + u32At(lengthTotals, length - 1)) << 1;
    setU32(nextCodes, length, code);
  }
  for (let symbol = 0; symbol < symbols; symbol++) {
    const length = u8At(lengths, symbol);
    if (length == 0) continue;
    setU32(codes, symbol, (reversed(u32At(nextCodes, length), length) << 8) | length);
    count(nextCodes, length);
  }
}

function reversed(code: u32, length: u32): u32 {
  let result: u32 = 0;
  for (let i: u32 = 0; i < length; i++) result |= ((code >> i) & 1) << (length - 1 - i);
  return result;
}

// --- The header of a block ---

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
function planHeader(): u64 {
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

function putHeader(): void {
  assignCodes(headerLengths, HEADER_SYMBOLS, headerCodes);
  const DYNAMIC_BLOCK = 4;
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

// --- The body of a block ---

function putBody(end: usize): void {
  assignCodes(literalLengths, LITERAL_SYMBOLS, literalCodes);
  assignCodes(distanceLengths, DISTANCE_SYMBOLS, distanceCodes);
  fillLengthCodes();
  let at = blockStart;
  for (let sequence = sequences; sequence < sequencesEnd; sequence += 8) {
    const packed = load<u64>(sequence);
    const literals = <usize>(packed & 0xffffffff);
    putLiterals(at, at + literals);
    const match = <u32>(packed >> 32);
    putMatch(match);
    at += literals + ((match >> 16) & 255) + 3;
  }
  putLiterals(at, end);
  const code = u32At(literalCodes, END_OF_BLOCK);
  putBits(code >> 8, code & 255);
}

function fillLengthCodes(): void {
  for (let length = 0; length < 256; length++) {
    const symbol = u8At(lengthSymbols, length);
    const code = u32At(literalCodes, 257 + symbol);
    const extra = length - (<i32>load<u16>(lengthBases + ((<usize>symbol) << 1)) - 3);
    const bits = (code >> 8) | (extra << (code & 255));
    setU32(lengthCodes, length, (bits << 8) | ((code & 255) + u8At(lengthExtraBits, symbol)));
  }
}

/** Three codes of 15 bits fit the bit buffer beside the 7 bits that may wait in it. */
function putLiterals(from: usize, to: usize): void {
  let bits = waiting;
  let total = waitingBits;
  let at = from;
  let target = out;
  while (at + 3 <= to) {
    const a = u32At(literalCodes, load<u8>(at));
    const b = u32At(literalCodes, load<u8>(at + 1));
    const c = u32At(literalCodes, load<u8>(at + 2));
    bits |= <u64>(a >> 8) << total;
    total += a & 255;
    bits |= <u64>(b >> 8) << total;
    total += b & 255;
    bits |= <u64>(c >> 8) << total;
    total += c & 255;
    store<u64>(target, bits);
    target += <usize>(total >> 3);
    bits >>= total & 56;
    total &= 7;
    at += 3;
  }
  while (at < to) {
    const a = u32At(literalCodes, load<u8>(at));
    bits |= <u64>(a >> 8) << total;
    total += a & 255;
    at++;
  }
  store<u64>(target, bits);
  out = target + <usize>(total >> 3);
  waiting = bits >> (total & 56);
  waitingBits = total & 7;
}

/** At most 20 + 28 bits. */
function putMatch(match: u32): void {
  const length = u32At(lengthCodes, (match >> 16) & 255);
  const symbol = match >> 24;
  const distance = u32At(distanceCodes, symbol);
  const extraBits = distanceExtraBits(symbol);
  const extra = match & ((1 << extraBits) - 1);
  const bits = <u64>(length >> 8) | (<u64>((distance >> 8) | (extra << (distance & 255))) << (length & 255));
  putBits(bits, (length & 255) + (distance & 255) + extraBits);
}

// --- Output ---

let out: usize = 0;
/** Bits that do not fill a byte yet; at most 7 between calls. */
let waiting: u64 = 0;
let waitingBits: u64 = 0;

function startOutput(): void {
  out = output;
  waiting = 0;
  waitingBits = 0;
}

/** At most 56 bits at once. */
function putBits(bits: u64, total: u64): void {
  const all = waiting | (bits << waitingBits);
  const allBits = waitingBits + total;
  store<u64>(out, all);
  out += <usize>(allBits >> 3);
  waiting = all >> (allBits & 56);
  waitingBits = allBits & 7;
}

const MAX_STORED: usize = 65535;

function putStored(from: usize, to: usize): void {
  for (let at = from; at < to; at += MAX_STORED) {
    const length = min(to - at, MAX_STORED);
    putStoredHeader(<u32>length);
    memory.copy(out, at, length);
    out += length;
  }
}

/** Three zero bits say: not the last block, stored. The rest of their byte is skipped. */
function putStoredHeader(length: u32): void {
  putBits(0, 3);
  if (waitingBits > 0) putBits(0, 8 - waitingBits);
  store<u32>(out, length | (~length << 16));
  out += 4;
}
