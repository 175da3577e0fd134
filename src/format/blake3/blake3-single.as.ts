/** Compresses one block after the other: for chunks and parents without company. */
import { add, BLOCK, CHUNK_END, CHUNK_START, COUNTER_LOW, FLAGS, initialValue, LENGTH, PARENT, ROUNDS, sum, turn, turn16, VALUE } from "./blake3-core.as";

/** State of a block that is compressed alone, and the last block of a message with zeros behind. */
const single = memory.data(64, 16);
const lastBlock = memory.data(64, 16);

/** Writes the chaining value of the chunk at [from, end), which may be short or empty, to `value`. */
export function compressChunk(from: usize, end: usize, counter: u64, flags: u32, value: usize): void {
  startSingle(counter);
  let start = CHUNK_START;
  let at = from;
  for (; at + BLOCK < end; at += BLOCK, start = 0) {
    setBlock(BLOCK, start);
    compressSingle(at);
  }
  const length = end - at;
  setBlock(length, start | CHUNK_END | flags);
  if (length < BLOCK) {
    memory.fill(lastBlock, 0, BLOCK);
    memory.copy(lastBlock, at, length);
    at = lastBlock;
  }
  compressSingle(at);
  memory.copy(value, single, VALUE);
}

/** Writes the chaining value of the parent of the two at `pair` to `value`, which may be `pair`. */
export function compressParent(pair: usize, flags: u32, value: usize): void {
  startSingle(0);
  setBlock(BLOCK, PARENT | flags);
  compressSingle(pair);
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

/**
 * Compresses one block into the chaining value at the start of `single`. A vector is a row of the state:
 * the four columns, then the four diagonals, are mixed side by side.
 */
function compressSingle(block: usize): void {
  let a = v128.load(single), b = v128.load(single + 16);
  let c = v128.load(initialValue), d = v128.load(single + 48);
  let m0 = v128.load(block), m1 = v128.load(block + 16), m2 = v128.load(block + 32), m3 = v128.load(block + 48);
  // The words in the order in which they are due: of the columns, even and odd; of the diagonals, which begin in lane 1.
  let columnsEven = v128.shuffle<u32>(m0, m1, 0, 2, 4, 6);
  let columnsOdd = v128.shuffle<u32>(m0, m1, 1, 3, 5, 7);
  let diagonalsEven = v128.shuffle<u32>(m2, m3, 6, 0, 2, 4);
  let diagonalsOdd = v128.shuffle<u32>(m2, m3, 7, 1, 3, 5);
  for (let round = 1; ; round++) {
    a = sum(a, b, columnsEven); d = turn16(d, a); c = add(c, d); b = turn(b, c, 12);
    a = sum(a, b, columnsOdd); d = turn(d, a, 8); c = add(c, d); b = turn(b, c, 7);
    // Diagonals become columns. `b` stays: the next step waits for it.
    a = v128.shuffle<u32>(a, a, 3, 0, 1, 2);
    c = v128.shuffle<u32>(c, c, 1, 2, 3, 0);
    d = v128.shuffle<u32>(d, d, 2, 3, 0, 1);
    a = sum(a, b, diagonalsEven); d = turn16(d, a); c = add(c, d); b = turn(b, c, 12);
    a = sum(a, b, diagonalsOdd); d = turn(d, a, 8); c = add(c, d); b = turn(b, c, 7);
    a = v128.shuffle<u32>(a, a, 1, 2, 3, 0);
    c = v128.shuffle<u32>(c, c, 3, 0, 1, 2);
    d = v128.shuffle<u32>(d, d, 2, 3, 0, 1);
    if (round == ROUNDS) break;
    // The permutation of the words between two rounds, in the order of these vectors.
    m0 = v128.shuffle<u32>(columnsEven, columnsOdd, 1, 5, 7, 2);
    m1 = v128.shuffle<u32>(columnsEven, diagonalsEven, 3, 6, 0, 3);
    m2 = v128.shuffle<u32>(diagonalsOdd, columnsOdd, 0, 4, 2, 1);
    m3 = v128.shuffle<u32>(diagonalsEven, diagonalsOdd, 1, 6, 2, 0);
    m1 = v128.shuffle<u32>(m1, diagonalsOdd, 0, 1, 2, 7);
    m2 = v128.shuffle<u32>(m2, diagonalsEven, 0, 1, 7, 3);
    m3 = v128.shuffle<u32>(m3, columnsOdd, 0, 1, 6, 3);
    columnsEven = m0; columnsOdd = m1; diagonalsEven = m2; diagonalsOdd = m3;
  }
  v128.store(single, v128.xor(a, c));
  v128.store(single + 16, v128.xor(b, d));
}
