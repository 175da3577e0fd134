import { inflateChunk } from "#format/gzip/inflate-chunk.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { chunkSize, trailerLength } from "../read/inflate-chunks.ts";

/** One chunk of a gzip stream that we wrote. */
export interface FoundChunk {
  /** Offset of its first compressed byte in the gzip stream. */
  readonly start: number;
  readonly bytes: Uint8Array;
}

const marker = Buffer.from([0x00, 0x00, 0xff, 0xff]);
/** Stored blocks are the worst case: 5 bytes per 65,535. */
const longestChunk = chunkSize + 4096;
const longestHeader = 512;

/**
 * Finds the chunks of a gzip stream that we wrote when its index is lost: every chunk ends with an empty
 * stored block and inflates to exactly 1 MiB. Rejects with `unsupported` when the stream is not laid out
 * like that; then it can only be read from its beginning.
 */
export async function* splitChunks(stream: AsyncIterable<Uint8Array>): AsyncGenerator<FoundChunk> {
  let held: Buffer = Buffer.alloc(0);
  let start = 0;
  for await (const bytes of stream) {
    held = Buffer.concat([held, bytes]);
    if (start === 0 && held.length > longestHeader) [start, held] = cutHeader(held);
    // Only a chunk that is certainly complete is cut off: the last one ends with the stream.
    while (start > 0 && held.length > longestChunk) {
      const chunk = await firstChunk(held);
      yield { start, bytes: chunk.content };
      start += chunk.length;
      held = held.subarray(chunk.length);
    }
  }
  if (start === 0) [start, held] = cutHeader(held);
  while (held.length > trailerLength) {
    const chunk = await firstChunk(held);
    yield { start, bytes: chunk.content };
    start += chunk.length;
    held = held.subarray(chunk.length);
  }
}

/** Our gzip header has a file name and nothing else that is optional. */
function cutHeader(held: Buffer): [start: number, rest: Buffer] {
  const hasName =
    held.length > 10 && held[0] === 0x1f && held[1] === 0x8b && (held[3] === 0 || held[3] === 8);
  const end = held[3] === 8 ? held.indexOf(0, 10) + 1 : 10;
  if (!hasName || end === 0) throw notChunked();
  return [end, held.subarray(end)];
}

function notChunked(): SafehouseError {
  return new SafehouseError(
    "unsupported",
    "The gzip stream is not made of chunks that can be read alone",
  );
}

/**
 * A marker can also stand inside of a chunk by chance, or a hundred thousand of them in data that was
 * stored. The longer the piece, the more comes out of it, so the right one is found by halving.
 */
async function firstChunk(held: Buffer): Promise<{ length: number; content: Uint8Array }> {
  const ends = markerEnds(held);
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const content = await tryInflate(held.subarray(0, ends[middle]));
    if (content !== undefined && content.length < chunkSize) low = middle + 1;
    else high = middle;
  }
  for (const length of [ends[low] ?? 0, held.length - trailerLength]) {
    const content = await tryInflate(held.subarray(0, length));
    const last = held.length - length === trailerLength;
    if (content !== undefined && (content.length === chunkSize || last)) return { length, content };
  }
  throw notChunked();
}

function markerEnds(held: Buffer): number[] {
  const ends: number[] = [];
  const window = held.subarray(0, longestChunk);
  for (let at = window.indexOf(marker); at >= 0; at = window.indexOf(marker, at + 1))
    ends.push(at + marker.length);
  return ends;
}

/** Undefined for more than a chunk or for no deflate: then the piece is too long, or this is no chunk. */
async function tryInflate(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await inflateChunk(bytes, chunkSize);
  } catch (error) {
    if (error instanceof SafehouseError) return undefined;
    throw error;
  }
}
