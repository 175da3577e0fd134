import { crc32 } from "node:zlib";
import { SafehouseError } from "#core/model/problem.ts";
import { inflateChunk } from "#format/gzip/inflate-chunk.ts";
import type { IndexedPart } from "../index/index-record.ts";

/** Uncompressed bytes of every chunk but the last. */
export const chunkSize = 1024 * 1024;
/** Final empty block (2), CRC-32 (4) and length (4) at the end of a gzip member that we wrote. */
export const trailerLength = 10;
/** Chunks that are inflated at the same time; the thread pool of Node has four threads. */
const width = 4;

/**
 * The tar stream of an inner archive that we wrote: its chunks are inflated side by side, and the CRC-32
 * over all of them is compared with the trailer.
 */
export async function* inflateChunks(plain: AsyncIterable<Uint8Array>, part: IndexedPart): AsyncGenerator<Uint8Array> {
  const working: Promise<Uint8Array>[] = [];
  let trailer: Uint8Array = new Uint8Array(0);
  let crc = 0;
  let count = 0;
  for await (const slice of slices(plain, [...part.chunks, part.plainSize - trailerLength, part.plainSize])) {
    // What stands before the first chunk is the gzip header.
    if (count > part.chunks.length) trailer = slice;
    else if (count > 0) working.push(begin(slice));
    count += 1;
    if (working.length < width) continue;
    const bytes = await takeFirst(working);
    crc = crc32(bytes, crc);
    yield bytes;
  }
  while (working.length > 0) {
    const bytes = await takeFirst(working);
    crc = crc32(bytes, crc);
    yield bytes;
  }
  if (Buffer.from(trailer).readUInt32LE(2) !== crc) {
    throw new SafehouseError("damaged", `${part.member} does not match its checksum (CRC-32)`);
  }
}

function takeFirst(working: Promise<Uint8Array>[]): Promise<Uint8Array> {
  return working.shift() ?? Promise.reject(new RangeError("No chunk is being inflated"));
}

function begin(bytes: Uint8Array): Promise<Uint8Array> {
  const work = inflateChunk(bytes, chunkSize);
  // A failure is met when its turn comes; until then it must not count as unhandled.
  work.catch(() => {});
  return work;
}

/** Cuts a stream at the given offsets. Rejects with `truncated` when it ends before the last of them. */
async function* slices(stream: AsyncIterable<Uint8Array>, ends: readonly number[]): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let position = 0;
  let at = 0;
  for await (let bytes of stream) {
    for (let end = ends[at]; end !== undefined && position + bytes.length >= end; end = ends[at]) {
      held.push(bytes.subarray(0, end - position));
      bytes = bytes.subarray(end - position);
      position = end;
      at += 1;
      yield held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held);
      held = [];
    }
    if (bytes.length === 0) continue;
    if (at === ends.length) throw new SafehouseError("damaged", "The inner archive goes on behind its last chunk");
    held.push(bytes);
    position += bytes.length;
  }
  if (at < ends.length) throw new SafehouseError("truncated", "The inner archive ends before its last chunk");
}
