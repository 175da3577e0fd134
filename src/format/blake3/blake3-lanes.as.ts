/** Compresses blocks of four chunks, or four parents, at once. Each has a lane of every vector. */
import { add, BLOCK, CHUNK, CHUNK_END, CHUNK_START, COUNTER_HIGH, COUNTER_LOW, FLAGS, initialValue, LENGTH, PARENT, ROUNDS, sum, turn, turn16, VALUE } from "./blake3-core.as";

export const LANES: usize = 4;

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

/** States and message of four lanes: each word is a vector. */
const lanes = memory.data(256, 16);
const laneWords = memory.data(256, 16);

/** Writes the chaining values of the four chunks at `from` to `values`. */
export function compressChunks(from: usize, counter: u64, values: usize): void {
  startLanes();
  for (let lane: usize = 0; lane < LANES; lane++) {
    store<u32>(lanes + COUNTER_LOW * 16 + lane * 4, <u32>(counter + lane));
    store<u32>(lanes + COUNTER_HIGH * 16 + lane * 4, <u32>((counter + lane) >> 32));
  }
  for (let at: usize = 0; at < CHUNK; at += BLOCK) {
    setLanes(FLAGS, at == 0 ? CHUNK_START : at == CHUNK - BLOCK ? CHUNK_END : 0);
    transposeBlocks(from + at, CHUNK);
    compressLanes();
  }
  putValues(values);
}

/** Replaces `count` chaining values at `level`, a multiple of eight, by those of their parents. */
export function compressLevel(level: usize, count: usize): void {
  const end = level + count * VALUE;
  // Two neighbours are a parent's block as they lie there.
  for (let from = level, to = level; from < end; from += LANES * BLOCK, to += LANES * VALUE) {
    startLanes();
    setLanes(COUNTER_LOW, 0);
    setLanes(COUNTER_HIGH, 0);
    setLanes(FLAGS, PARENT);
    transposeBlocks(from, BLOCK);
    compressLanes();
    putValues(to);
  }
}

@inline
function startLanes(): void {
  for (let word = 0; word < 8; word++) setLanes(word, load<u32>(initialValue + (<usize>word << 2)));
  setLanes(LENGTH, <u32>BLOCK);
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
 * Compresses the four blocks in `laneWords` into the chaining values at the start of `lanes`. A vector
 * is one word of the state of each lane; all of them live in locals, hence the length.
 */
function compressLanes(): void {
  let a0 = laneWord(0), a1 = laneWord(1), a2 = laneWord(2), a3 = laneWord(3);
  let b0 = laneWord(4), b1 = laneWord(5), b2 = laneWord(6), b3 = laneWord(7);
  let c0 = initial(0), c1 = initial(1), c2 = initial(2), c3 = initial(3);
  let d0 = laneWord(COUNTER_LOW), d1 = laneWord(COUNTER_HIGH), d2 = laneWord(LENGTH), d3 = laneWord(FLAGS);
  for (let round: usize = schedule; round < schedule + ROUNDS * 16; round += 16) {
    // Columns
    a0 = sum(a0, b0, due(round, 0)); d0 = turn16(d0, a0); c0 = add(c0, d0); b0 = turn(b0, c0, 12);
    a0 = sum(a0, b0, due(round, 1)); d0 = turn(d0, a0, 8); c0 = add(c0, d0); b0 = turn(b0, c0, 7);
    a1 = sum(a1, b1, due(round, 2)); d1 = turn16(d1, a1); c1 = add(c1, d1); b1 = turn(b1, c1, 12);
    a1 = sum(a1, b1, due(round, 3)); d1 = turn(d1, a1, 8); c1 = add(c1, d1); b1 = turn(b1, c1, 7);
    a2 = sum(a2, b2, due(round, 4)); d2 = turn16(d2, a2); c2 = add(c2, d2); b2 = turn(b2, c2, 12);
    a2 = sum(a2, b2, due(round, 5)); d2 = turn(d2, a2, 8); c2 = add(c2, d2); b2 = turn(b2, c2, 7);
    a3 = sum(a3, b3, due(round, 6)); d3 = turn16(d3, a3); c3 = add(c3, d3); b3 = turn(b3, c3, 12);
    a3 = sum(a3, b3, due(round, 7)); d3 = turn(d3, a3, 8); c3 = add(c3, d3); b3 = turn(b3, c3, 7);
    // Diagonals
    a0 = sum(a0, b1, due(round, 8)); d3 = turn16(d3, a0); c2 = add(c2, d3); b1 = turn(b1, c2, 12);
    a0 = sum(a0, b1, due(round, 9)); d3 = turn(d3, a0, 8); c2 = add(c2, d3); b1 = turn(b1, c2, 7);
    a1 = sum(a1, b2, due(round, 10)); d0 = turn16(d0, a1); c3 = add(c3, d0); b2 = turn(b2, c3, 12);
    a1 = sum(a1, b2, due(round, 11)); d0 = turn(d0, a1, 8); c3 = add(c3, d0); b2 = turn(b2, c3, 7);
    a2 = sum(a2, b3, due(round, 12)); d1 = turn16(d1, a2); c0 = add(c0, d1); b3 = turn(b3, c0, 12);
    a2 = sum(a2, b3, due(round, 13)); d1 = turn(d1, a2, 8); c0 = add(c0, d1); b3 = turn(b3, c0, 7);
    a3 = sum(a3, b0, due(round, 14)); d2 = turn16(d2, a3); c1 = add(c1, d2); b0 = turn(b0, c1, 12);
    a3 = sum(a3, b0, due(round, 15)); d2 = turn(d2, a3, 8); c1 = add(c1, d2); b0 = turn(b0, c1, 7);
  }
  putLaneWord(0, v128.xor(a0, c0)); putLaneWord(4, v128.xor(b0, d0));
  putLaneWord(1, v128.xor(a1, c1)); putLaneWord(5, v128.xor(b1, d1));
  putLaneWord(2, v128.xor(a2, c2)); putLaneWord(6, v128.xor(b2, d2));
  putLaneWord(3, v128.xor(a3, c3)); putLaneWord(7, v128.xor(b3, d3));
}

@inline
function laneWord(word: usize): v128 {
  return v128.load(lanes + word * 16);
}

@inline
function putLaneWord(word: usize, value: v128): void {
  v128.store(lanes + word * 16, value);
}

@inline
function initial(word: usize): v128 {
  return v128.load_splat<u32>(initialValue + word * 4);
}

/** The words of the message that are due at a step of a round. */
@inline
function due(round: usize, step: usize): v128 {
  return v128.load(laneWords + <usize>load<u8>(round + step) * 16);
}
