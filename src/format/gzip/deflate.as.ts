/**
 * One-pass deflate encoder (RFC 1951), in AssemblyScript: `scripts/build-deflate.ts` compiles it and its
 * parts (`deflate-*.as.ts`) to `deflate.wasm`. It is no part of the TypeScript program.
 *
 * The host writes up to 1 MiB at `inputAddress`, calls `deflate(length)` and reads the result at
 * `outputAddress`. The result ends at a byte border with an empty stored block (a sync marker) and
 * refers to nothing before it, so results can be joined into one stream and inflated alone.
 * The same input gives the same output, whatever was compressed before.
 *
 * How: the input is cut into segments. One that looks random is stored at once. Others are parsed
 * into sequences (a run of literals, then a match), and the sequences of some segments make a block
 * with its own Huffman codes. Matches come from a table of the last position of each four bytes.
 */
import { addMatch, blockIsFull, countLiteral, endBlock, fillLengthSymbols, startBlock } from "./deflate-block.as";
import { findMatch, input, inputEnd, looksRandom, remember, startInput } from "./deflate-input.as";
import { out, output, putStored, putStoredHeader, setOutput } from "./deflate-output.as";

export const inputAddress: usize = input;
export const outputAddress: usize = output;

/** Input bytes that are judged random or not at once. */
const SEGMENT: usize = 32768;
/** From this many places in a row without a match, steps grow by one byte for every so many. */
const PATIENCE: u32 = 16;
/** Steps grow by no more than this: longer ones can miss every repeat of random data. */
const MAX_STEP_GROWTH: u32 = 8;
/** Eight bytes are loaded at once: the last ones of the input are literals. */
const TAIL: usize = 8;

/** Compresses `length` bytes, at most 1 MiB, and returns the length of the result. */
export function deflate(length: i32): i32 {
  startInput(<usize>length);
  setOutput(output, 0, 0);
  fillLengthSymbols();
  startBlock(input);
  let at = input;
  while (at < inputEnd) {
    const random = endOfRandom(at);
    if (random > at) {
      endBlock(at);
      putStored(at, random);
      at = random;
      startBlock(at);
      continue;
    }
    at = parse(at, segmentEnd(at));
    if (blockIsFull(at)) {
      endBlock(at);
      startBlock(at);
    }
  }
  endBlock(at);
  putStoredHeader(0);
  return <i32>(out - output);
}

function segmentEnd(at: usize): usize {
  return min(at + SEGMENT, inputEnd);
}

/** Where the row of segments that look random ends; `from` itself if the first does not. */
function endOfRandom(from: usize): usize {
  let at = from;
  while (at < inputEnd && looksRandom(at, segmentEnd(at))) at = segmentEnd(at);
  return at;
}

/**
 * Takes [from, to) into the open block; returns where it ended, up to a match's length beyond `to`.
 *
 * Tried and dropped: looking one byte further for a longer match. It makes databases 3 % smaller and text
 * 2 %, and takes a fifth longer.
 */
function parse(from: usize, to: usize): usize {
  const end = min(to, inputEnd - TAIL);
  let at = from;
  let misses: u32 = 0;
  while (at < end) {
    const match = findMatch(at);
    if (match == 0) {
      at = misses < PATIENCE ? passLiteral(at) : passLiterals(at, min(at + 1 + misses / PATIENCE, to));
      misses = min(misses + 1, MAX_STEP_GROWTH * PATIENCE);
      continue;
    }
    misses = 0;
    addMatch(at, match);
    const next = at + (match >> 16);
    rememberInside(at, next);
    at = next;
  }
  return to == inputEnd ? passLiterals(at, to) : at;
}

function passLiteral(at: usize): usize {
  countLiteral(at);
  return at + 1;
}

function passLiterals(from: usize, to: usize): usize {
  for (let at = from; at < to; at++) countLiteral(at);
  return max(from, to);
}

/** Three places inside a match are remembered: more cost more than they gain. */
function rememberInside(at: usize, next: usize): void {
  if (next + TAIL > inputEnd) return;
  remember(at + 1);
  remember(at + 2);
  remember(next - 1);
}
