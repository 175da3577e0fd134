/** The input buffer and where its bytes occurred before. */
import { count, u32At } from "./deflate-tables.as";

export const MAX_INPUT: usize = 1 << 20;
/** Bytes are loaded and stored eight at a time, so each buffer is longer by some. */
export const SLACK: usize = 64;
/** Candidates are loaded before it is known that they lie inside the input, so 64 KiB lie before it. */
export const input: usize = memory.data(65536 + <i32>(MAX_INPUT + SLACK), 16) + 65536;
export let inputEnd: usize = input;

const WINDOW: u32 = 32768;
const MAX_MATCH: u32 = 258;
/** A match has four bytes, or five if it is farther away than this: four literals take fewer bits then. */
const NEAR: u32 = 4096;
const FOUR_BYTES: u64 = 0xffff_ffff;
const FIVE_BYTES: u64 = 0xff_ffff_ffff;

/** Few, so that the table stays in the processor's nearest cache. */
const HASH_BITS: u32 = 14;
/** u16 per hash of four bytes: the name of their last position. */
const heads: usize = memory.data(2 << HASH_BITS, 16);

export function startInput(length: usize): void {
  inputEnd = input + length;
  // Old positions could do no harm, but the same input shall give the same output.
  memory.fill(heads, 0, 2 << HASH_BITS);
}

function slotOf(fourBytes: u32): usize {
  return heads + ((<usize>((fourBytes * 0x9e3779b1) >> (32 - HASH_BITS))) << 1);
}

/**
 * A position is named by its lowest 16 bits. They begin so that an empty slot, which is zero, lies too far
 * back for a match from wherever its place would be before the input.
 */
function nameOf(at: usize): u32 {
  return <u32>(at - input) + WINDOW + 1;
}

/** 1 to WINDOW if the slot holds a place that a match may begin at. */
function distanceTo(slot: usize, name: u32): u32 {
  return (name - <u32>load<u16>(slot)) & 0xffff;
}

export function remember(at: usize): void {
  store<u16>(slotOf(load<u32>(at)), <u16>nameOf(at));
}

/**
 * Length << 16 | distance, or 0. A candidate may be an older position of the same name: only the comparison
 * of its bytes makes it a match. Nobody can guess whether it is one, so a single branch asks for all of it.
 *
 * Tried and dropped: two candidates for each hash. They make text 2 % and databases 0.4 % smaller, and
 * take a quarter longer.
 */
// @ts-ignore: decorator
@inline
export function findMatch(at: usize): u32 {
  const eightBytes = load<u64>(at);
  const slot = slotOf(<u32>eightBytes);
  const name = nameOf(at);
  const distance = distanceTo(slot, name);
  store<u16>(slot, <u16>name);
  const difference = load<u64>(at - distance) ^ eightBytes;
  const needed: u64 = distance > NEAR ? FIVE_BYTES : FOUR_BYTES;
  if ((<u64>((distance - 1) & ~(WINDOW - 1)) | (difference & needed)) != 0) return 0;
  if (difference == 0) return (matchLength(at, distance) << 16) | distance;
  return ((<u32>ctz(difference) >> 3) << 16) | distance;
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

const SAMPLES: i32 = 1024;
const SAMPLE_RUN: i32 = 32;
/**
 * Chi-squared statistic of the sampled bytes below which they count as evenly spread (255 is expected of
 * random bytes). What is lost by storing such data is below one per cent.
 */
const EVEN_BELOW: u32 = 370;
const sampleCounts: usize = memory.data(256 << 2, 16);
const PROBE_STEP: usize = 64;
const PROBE_WINDOW: usize = 4096;

/** True for compressed or encrypted data: bytes evenly spread, and no repeat of some length. */
export function looksRandom(from: usize, to: usize): bool {
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

/** Remembers every 64th place and looks for 64 in a row of each page: finds repeats of about a page. */
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
  const distance = distanceTo(slotOf(load<u32>(at)), nameOf(at));
  return distance - 1 < WINDOW && load<u64>(at) == load<u64>(at - distance);
}
