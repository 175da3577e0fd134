/** What compressing alone and in lanes have in common: the parts of a state, and the steps of a round. */

/** Bytes; a chunk's are compressed in blocks, one after the other. */
export const CHUNK: usize = 1024;
export const BLOCK: usize = 64;
/** Bytes of a chaining value: what compressing leaves of a chunk or of a subtree. */
export const VALUE: usize = 32;

/** Flags of a block: its place in the tree. */
export const CHUNK_START: u32 = 1;
export const CHUNK_END: u32 = 2;
export const PARENT: u32 = 4;
export const ROOT: u32 = 8;

/** Words of a state: chaining value, initial value (half of it), counter, length, flags. */
export const COUNTER_LOW = 12;
export const COUNTER_HIGH = 13;
export const LENGTH = 14;
export const FLAGS = 15;

export const ROUNDS = 7;

export const initialValue = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

@inline
export function sum(a: v128, b: v128, words: v128): v128 {
  return add(a, add(b, words));
}

@inline
export function add(a: v128, b: v128): v128 {
  return i32x4.add(a, b);
}

/** `a` xor `b`, each word turned right by 16 bits. */
@inline
export function turn16(a: v128, b: v128): v128 {
  const word = v128.xor(a, b);
  return v128.shuffle<u16>(word, word, 1, 0, 3, 2, 5, 4, 7, 6);
}

/** `a` xor `b`, each word turned right. For 8 bits, too: engines load the pattern of such a shuffle each time. */
@inline
export function turn(a: v128, b: v128, bits: i32): v128 {
  const word = v128.xor(a, b);
  return v128.or(i32x4.shr_u(word, bits), i32x4.shl(word, 32 - bits));
}
