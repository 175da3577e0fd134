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
/** A marker can also stand inside of a chunk by chance; so many are tried before we give up. */
const mostTries = 64;
/** Stored blocks are the worst case: 5 bytes per 65,535. */
const longestChunk = chunkSize + 1024;
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
  const hasName = held.length > 10 && held[0] === 0x1f && held[1] === 0x8b && (held[3] === 0 || held[3] === 8);
  const end = held[3] === 8 ? held.indexOf(0, 10) + 1 : 10;
  if (!hasName || end === 0) throw notChunked();
  return [end, held.subarray(end)];
}

function notChunked(): SafehouseError {
  return new SafehouseError("unsupported", "The gzip stream is not made of chunks that can be read alone");
}

async function firstChunk(held: Buffer): Promise<{ length: number; content: Uint8Array }> {
  let tries = 0;
  for (let at = held.indexOf(marker); at >= 0 && tries < mostTries; at = held.indexOf(marker, at + 1)) {
    tries += 1;
    const length = at + marker.length;
    const content = await tryInflate(held.subarray(0, length));
    const last = held.length - length === trailerLength;
    if (content !== undefined && (content.length === chunkSize || last)) return { length, content };
  }
  throw notChunked();
}

async function tryInflate(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await inflateChunk(bytes, chunkSize);
  } catch (error) {
    if (error instanceof SafehouseError) return undefined;
    throw error;
  }
}
