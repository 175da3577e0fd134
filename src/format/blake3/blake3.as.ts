/**
 * BLAKE3 with a digest of 32 bytes and no key (its paper: "BLAKE3: one function, fast everywhere"), in
 * AssemblyScript: `scripts/build-blake3.ts` compiles it and its parts (`blake3-*.as.ts`) to
 * `blake3.wasm`. It is no part of the TypeScript program.
 *
 * The host collects the message at `inputAddress`. When `inputSize` bytes are there and more will come,
 * it calls `absorb()` and begins at `inputAddress` again; at the end it calls `finish(length)` with the
 * length of the rest and finds the digest at `digestAddress`. Then the next message may begin.
 *
 * How: the message is cut into chunks of 1024 bytes, the leaves of a binary tree. Four chunks, or four
 * parents of one level, are compressed side by side, each in one lane of the vectors. In what comes
 * alone, the vectors are the rows of its state.
 */
import { CHUNK, ROOT, VALUE } from "./blake3-core.as";
import { compressChunks, compressLevel, LANES } from "./blake3-lanes.as";
import { compressChunk, compressParent } from "./blake3-single.as";

/** A power of two of chunks, so that each full buffer is a subtree of its own. */
const INPUT: usize = 64 * CHUNK;
const input = memory.data(64 * 1024, 16);
export const inputAddress: usize = input;
export const inputSize: usize = INPUT;

const digest = memory.data(32, 16);
export const digestAddress: usize = digest;

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
    compressChunk(input, end, 0, ROOT, digest);
    return;
  }
  let at = input;
  while (end - at >= LANES * CHUNK) at = takeSubtree(at, largestSubtree((end - at) / CHUNK));
  at = takeChunks(at, (end - at) / CHUNK);
  if (at < end) {
    compressChunk(at, end, chunks, 0, level);
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
  for (; count > size * LANES; size *= 2) compressLevel(level, count / size);
  for (let lane: usize = 0; lane < LANES; lane++) push(level + lane * VALUE, size);
  return end;
}

/** Takes less than four whole chunks; returns where they end. What lies behind them fills the other lanes. */
function takeChunks(from: usize, count: usize): usize {
  if (count == 1) {
    compressChunk(from, from + CHUNK, chunks, 0, level);
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
  const pair = stack + (waiting - 1) * VALUE;
  compressParent(pair, flags, pair);
}
