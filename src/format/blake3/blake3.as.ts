/**
 * BLAKE3 with a digest of 32 bytes and no key (its paper: "BLAKE3: one function, fast everywhere"), in
 * AssemblyScript: `scripts/build-blake3.ts` compiles it to `blake3.wasm`. It is no part of the
 * TypeScript program.
 *
 * The host collects the message at `inputAddress`. When `inputSize` bytes are there and more will come,
 * it calls `absorb()` and begins at `inputAddress` again; at the end it calls `finish(length)` with the
 * length of the rest and finds the digest at `digestAddress`. Then the next message may begin.
 *
 * How: the message is cut into chunks of 1024 bytes, the leaves of a binary tree. Four chunks, or four
 * parents of one level, are compressed side by side, each in one lane of the vectors. The same code,
 * made for a single word instead of a vector, compresses what comes alone.
 */

/** Bytes; a chunk's are compressed in blocks, one after the other. */
const CHUNK: usize = 1024;
const BLOCK: usize = 64;
/** Bytes of a chaining value: what compressing leaves of a chunk or of a subtree. */
const VALUE: usize = 32;
const LANES: usize = 4;

/** Flags of a block: its place in the tree. */
const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const PARENT: u32 = 4;
const ROOT: u32 = 8;

/** Words of a state: chaining value, initial value (half of it), counter, length, flags. */
const COUNTER_LOW = 12;
const COUNTER_HIGH = 13;
const LENGTH = 14;
const FLAGS = 15;

/** A power of two of chunks, so that each full buffer is a subtree of its own. */
const INPUT: usize = 64 * CHUNK;
// Lanes without a chunk of their own read up to three chunks behind the input.
const input = memory.data(67 * 1024, 16);
export const inputAddress: usize = input;
export const inputSize: usize = INPUT;

const digest = memory.data(32, 16);
export const digestAddress: usize = digest;

const initialValue = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

/** Which word of the message comes when, in each of the seven rounds. */
const schedule = memory.data<u8>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8,
  3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1,
  10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6,
  12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4,
  9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7,
  11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13,
]);
const SCHEDULE_END: usize = 7 * 16;

/** States and message of four lanes: each word is a vector. */
const lanes = memory.data(256, 16);
const laneWords = memory.data(256, 16);
/** State of a block that is compressed alone, and the last block of a message with zeros behind. */
const single = memory.data(64, 16);
const lastBlock = memory.data(64, 16);

/** Chaining values of one level of a subtree. */
const level = memory.data(64 * 32, 16);
/** Subtrees that wait for a sibling, the largest first. A message of 2⁶⁴ bytes has 54 levels. */
const stack = memory.data(58 * 32, 16);
let waiting: usize = 0;
/** Chunks of this message that are on the stack or below. */
let chunks: u64 = 0;

/** Takes a full buffer, which is not the end of the message. */
export function absorb(): void {
  takeSubtree(input, INPUT / CHUNK);
}

/** Takes the last `length` bytes, at most a buffer; 0 only for the empty message. */
export function finish(length: i32): void {
  const end = input + <usize>length;
  if (chunks == 0 && <usize>length <= CHUNK) {
    compressChunk(input, end, ROOT, digest);
    return;
  }
  let at = input;
  while (end - at >= LANES * CHUNK) at = takeSubtree(at, largestSubtree((end - at) / CHUNK));
  at = takeChunks(at, (end - at) / CHUNK);
  if (at < end) {
    compressChunk(at, end, 0, level);
    push(level, 1);
  }
  while (waiting > 2) merge(0);
  merge(ROOT);
  memory.copy(digest, stack, VALUE);
  waiting = 0;
  chunks = 0;
}

// Buffers are full but for the last: a power of two no larger than the rest always begins where it may.
@inline
function largestSubtree(count: usize): usize {
  return <usize>1 << (31 - clz<u32>(<u32>count));
}

/** Takes `count` chunks, a power of two from four; returns where they end. */
function takeSubtree(from: usize, count: usize): usize {
  const end = from + count * CHUNK;
  let value = level;
  for (let at = from; at < end; at += LANES * CHUNK, value += LANES * VALUE) {
    compressChunks(at, chunks + (at - from) / CHUNK, value);
  }
  // Four must stay: whether the parent of the last two is the root is not known yet.
  let size: usize = 1;
  for (; count > size * LANES; size *= 2) compressLevel(count / size);
  for (let lane: usize = 0; lane < LANES; lane++) push(level + lane * VALUE, size);
  return end;
}

/** Takes less than four whole chunks; returns where they end. */
function takeChunks(from: usize, count: usize): usize {
  if (count == 1) {
    compressChunk(from, from + CHUNK, 0, level);
    push(level, 1);
  } else if (count > 1) {
    compressChunks(from, chunks, level);
    for (let lane: usize = 0; lane < count; lane++) push(level + lane * VALUE, 1);
  }
  return from + count * CHUNK;
}

/** Puts a subtree of `size` chunks on the stack. Only now it is known that those before it are not the root. */
function push(value: usize, size: usize): void {
  const complete = <usize>popcnt<u64>(chunks);
  while (waiting > complete) merge(0);
  memory.copy(stack + waiting * VALUE, value, VALUE);
  waiting++;
  chunks += size;
}

/** Replaces the last two subtrees on the stack by their parent. */
function merge(flags: u32): void {
  waiting--;
  const block = stack + (waiting - 1) * VALUE;
  startSingle(0);
  setBlock(BLOCK, PARENT | flags);
  compress<u32>(single, block);
  memory.copy(block, single, VALUE);
}

/** Writes the chaining value of the chunk at [from, end), the last one perhaps short or empty, to `value`. */
function compressChunk(from: usize, end: usize, flags: u32, value: usize): void {
  startSingle(chunks);
  let start = CHUNK_START;
  let at = from;
  for (; at + BLOCK < end; at += BLOCK, start = 0) {
    setBlock(BLOCK, start);
    compress<u32>(single, at);
  }
  const length = end - at;
  setBlock(length, start | CHUNK_END | flags);
  if (length < BLOCK) {
    memory.fill(lastBlock, 0, BLOCK);
    memory.copy(lastBlock, at, length);
    at = lastBlock;
  }
  compress<u32>(single, at);
  memory.copy(value, single, VALUE);
}

@inline
function startSingle(counter: u64): void {
  memory.copy(single, initialValue, VALUE);
  store<u64>(single + COUNTER_LOW * 4, counter);
}

@inline
function setBlock(length: usize, flags: u32): void {
  store<u32>(single + LENGTH * 4, <u32>length);
  store<u32>(single + FLAGS * 4, flags);
}

/** Writes the chaining values of the four chunks at `from` to `values`. */
function compressChunks(from: usize, counter: u64, values: usize): void {
  startLanes(BLOCK);
  for (let lane: usize = 0; lane < LANES; lane++) {
    store<u32>(lanes + COUNTER_LOW * 16 + lane * 4, <u32>(counter + lane));
    store<u32>(lanes + COUNTER_HIGH * 16 + lane * 4, <u32>((counter + lane) >> 32));
  }
  for (let at: usize = 0; at < CHUNK; at += BLOCK) {
    setLanes(FLAGS, at == 0 ? CHUNK_START : at == CHUNK - BLOCK ? CHUNK_END : 0);
    transposeBlocks(from + at, CHUNK);
    compress<v128>(lanes, laneWords);
  }
  putValues(values);
}

/** Replaces `count` chaining values in `level`, at least eight, by those of their parents. */
function compressLevel(count: usize): void {
  const end = level + count * VALUE;
  // Two neighbours are a parent's block as they lie there.
  for (let from = level, to = level; from < end; from += LANES * BLOCK, to += LANES * VALUE) {
    startLanes(BLOCK);
    setLanes(COUNTER_LOW, 0);
    setLanes(COUNTER_HIGH, 0);
    setLanes(FLAGS, PARENT);
    transposeBlocks(from, BLOCK);
    compress<v128>(lanes, laneWords);
    putValues(to);
  }
}

@inline
function startLanes(length: usize): void {
  for (let word = 0; word < 8; word++) setLanes(word, load<u32>(initialValue + (<usize>word << 2)));
  setLanes(LENGTH, <u32>length);
}

@inline
function setLanes(word: i32, value: u32): void {
  v128.store(lanes + (<usize>word << 4), i32x4.splat(value));
}

/** Copies one block of each lane to `laneWords`, so that word `i` of all four is vector `i`. */
@inline
function transposeBlocks(from: usize, stride: usize): void {
  for (let at: usize = 0; at < BLOCK; at += 16) {
    transpose(from + at, stride, laneWords + at * LANES, 16);
  }
}

/** Writes the chaining values of the four lanes one behind the other. */
@inline
function putValues(to: usize): void {
  transpose(lanes, 16, to, VALUE);
  transpose(lanes + 64, 16, to + 16, VALUE);
}

/** Rows become columns: four vectors of four words, `stride` bytes apart. */
@inline
function transpose(from: usize, stride: usize, to: usize, toStride: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + stride);
  const c = v128.load(from + stride * 2);
  const d = v128.load(from + stride * 3);
  const abLow = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
  const abHigh = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
  const cdLow = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  const cdHigh = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<u64>(abLow, cdLow, 0, 2));
  v128.store(to + toStride, v128.shuffle<u64>(abLow, cdLow, 1, 3));
  v128.store(to + toStride * 2, v128.shuffle<u64>(abHigh, cdHigh, 0, 2));
  v128.store(to + toStride * 3, v128.shuffle<u64>(abHigh, cdHigh, 1, 3));
}

/**
 * Compresses a block of 16 words into the chaining value at the start of `state`. A word is a `u32`, or
 * a vector with that word of four blocks. All of the state lives in locals, hence the length.
 */
function compress<T>(state: usize, words: usize): void {
  let a0 = get<T>(state, 0), a1 = get<T>(state, 1), a2 = get<T>(state, 2), a3 = get<T>(state, 3);
  let b0 = get<T>(state, 4), b1 = get<T>(state, 5), b2 = get<T>(state, 6), b3 = get<T>(state, 7);
  let c0 = initial<T>(0), c1 = initial<T>(1), c2 = initial<T>(2), c3 = initial<T>(3);
  let d0 = get<T>(state, COUNTER_LOW), d1 = get<T>(state, COUNTER_HIGH);
  let d2 = get<T>(state, LENGTH), d3 = get<T>(state, FLAGS);
  for (let round: usize = schedule; round < schedule + SCHEDULE_END; round += 16) {
    // Columns
    a0 = sum<T>(a0, b0, next<T>(words, round, 0)); d0 = turn16<T>(d0, a0); c0 = add<T>(c0, d0); b0 = turn12<T>(b0, c0);
    a0 = sum<T>(a0, b0, next<T>(words, round, 1)); d0 = turn8<T>(d0, a0); c0 = add<T>(c0, d0); b0 = turn7<T>(b0, c0);
    a1 = sum<T>(a1, b1, next<T>(words, round, 2)); d1 = turn16<T>(d1, a1); c1 = add<T>(c1, d1); b1 = turn12<T>(b1, c1);
    a1 = sum<T>(a1, b1, next<T>(words, round, 3)); d1 = turn8<T>(d1, a1); c1 = add<T>(c1, d1); b1 = turn7<T>(b1, c1);
    a2 = sum<T>(a2, b2, next<T>(words, round, 4)); d2 = turn16<T>(d2, a2); c2 = add<T>(c2, d2); b2 = turn12<T>(b2, c2);
    a2 = sum<T>(a2, b2, next<T>(words, round, 5)); d2 = turn8<T>(d2, a2); c2 = add<T>(c2, d2); b2 = turn7<T>(b2, c2);
    a3 = sum<T>(a3, b3, next<T>(words, round, 6)); d3 = turn16<T>(d3, a3); c3 = add<T>(c3, d3); b3 = turn12<T>(b3, c3);
    a3 = sum<T>(a3, b3, next<T>(words, round, 7)); d3 = turn8<T>(d3, a3); c3 = add<T>(c3, d3); b3 = turn7<T>(b3, c3);
    // Diagonals
    a0 = sum<T>(a0, b1, next<T>(words, round, 8)); d3 = turn16<T>(d3, a0); c2 = add<T>(c2, d3); b1 = turn12<T>(b1, c2);
    a0 = sum<T>(a0, b1, next<T>(words, round, 9)); d3 = turn8<T>(d3, a0); c2 = add<T>(c2, d3); b1 = turn7<T>(b1, c2);
    a1 = sum<T>(a1, b2, next<T>(words, round, 10)); d0 = turn16<T>(d0, a1); c3 = add<T>(c3, d0); b2 = turn12<T>(b2, c3);
    a1 = sum<T>(a1, b2, next<T>(words, round, 11)); d0 = turn8<T>(d0, a1); c3 = add<T>(c3, d0); b2 = turn7<T>(b2, c3);
    a2 = sum<T>(a2, b3, next<T>(words, round, 12)); d1 = turn16<T>(d1, a2); c0 = add<T>(c0, d1); b3 = turn12<T>(b3, c0);
    a2 = sum<T>(a2, b3, next<T>(words, round, 13)); d1 = turn8<T>(d1, a2); c0 = add<T>(c0, d1); b3 = turn7<T>(b3, c0);
    a3 = sum<T>(a3, b0, next<T>(words, round, 14)); d2 = turn16<T>(d2, a3); c1 = add<T>(c1, d2); b0 = turn12<T>(b0, c1);
    a3 = sum<T>(a3, b0, next<T>(words, round, 15)); d2 = turn8<T>(d2, a3); c1 = add<T>(c1, d2); b0 = turn7<T>(b0, c1);
  }
  put<T>(state, 0, xor<T>(a0, c0)); put<T>(state, 1, xor<T>(a1, c1));
  put<T>(state, 2, xor<T>(a2, c2)); put<T>(state, 3, xor<T>(a3, c3));
  put<T>(state, 4, xor<T>(b0, d0)); put<T>(state, 5, xor<T>(b1, d1));
  put<T>(state, 6, xor<T>(b2, d2)); put<T>(state, 7, xor<T>(b3, d3));
}

@inline
function get<T>(state: usize, word: usize): T {
  return load<T>(state + word * sizeof<T>());
}

@inline
function put<T>(state: usize, word: usize, value: T): void {
  store<T>(state + word * sizeof<T>(), value);
}

@inline
function initial<T>(word: usize): T {
  if (isVector<T>()) return v128.load_splat<u32>(initialValue + word * 4);
  return load<T>(initialValue + word * 4);
}

/** The message's word that is due at a step of a round. */
@inline
function next<T>(words: usize, round: usize, step: usize): T {
  return load<T>(words + <usize>load<u8>(round + step) * sizeof<T>());
}

@inline
function sum<T>(a: T, b: T, word: T): T {
  return add<T>(a, add<T>(b, word));
}

@inline
function add<T>(a: T, b: T): T {
  if (isVector<T>()) return i32x4.add(a, b);
  return a + b;
}

@inline
function xor<T>(a: T, b: T): T {
  if (isVector<T>()) return v128.xor(a, b);
  return a ^ b;
}

// Of the turns only the first is one instruction as a shuffle; engines load the pattern of others each time.
@inline
function turn16<T>(a: T, b: T): T {
  if (isVector<T>()) return v128.shuffle<u16>(v128.xor(a, b), v128.xor(a, b), 1, 0, 3, 2, 5, 4, 7, 6);
  return rotr<T>(a ^ b, 16);
}

@inline
function turn12<T>(a: T, b: T): T {
  return turn<T>(xor<T>(a, b), 12);
}

@inline
function turn8<T>(a: T, b: T): T {
  return turn<T>(xor<T>(a, b), 8);
}

@inline
function turn7<T>(a: T, b: T): T {
  return turn<T>(xor<T>(a, b), 7);
}

@inline
function turn<T>(word: T, bits: i32): T {
  if (isVector<T>()) return v128.or(i32x4.shr_u(word, bits), i32x4.shl(word, 32 - bits));
  return rotr<T>(word, bits);
}
