import { crc32 } from "node:zlib";
import { SafehouseError } from "#core/model/problem.ts";
import { ByteReader } from "#format/gzip/byte-reader.ts";
import { inflateChunk } from "#format/gzip/inflate-chunk.ts";
import { readGzipHeader } from "#format/gzip/read-gzip-header.ts";
import type { IndexedPart } from "../index/index-record.ts";
import { letGo } from "../let-go.ts";

/** Uncompressed bytes of every chunk but the last. */
export const chunkSize = 1024 * 1024;
/** Final empty block (2), CRC-32 (4) and length (4) at the end of a gzip member that we wrote. */
export const trailerLength = 10;
/** Chunks that are inflated at the same time; the thread pool of Node has four threads. */
const width = 4;

/**
 * The tar stream of an inner archive that we wrote: its chunks are inflated side by side. Header and
 * trailer, CRC-32 and length are checked as somebody checks them who reads from the front. Bytes are lent
 * until the next are asked for.
 */
export async function* inflateChunks(
  plain: AsyncIterable<Uint8Array>,
  part: IndexedPart,
): AsyncGenerator<Uint8Array> {
  const working: Promise<Uint8Array>[] = [];
  const tally = { crc: 0, size: 0 };
  let count = 0;
  for await (const slice of slices(plain, [
    ...part.chunks,
    part.plainSize - trailerLength,
    part.plainSize,
  ])) {
    if (count === 0) await checkHeader(slice);
    else if (count <= part.chunks.length) working.push(begin(slice));
    else {
      while (working.length > 0) yield* takeFirst(working, tally);
      checkTrailer(slice, tally);
    }
    count += 1;
    if (working.length === width) yield* takeFirst(working, tally);
  }
}

interface Tally {
  crc: number;
  size: number;
}

/** What stands before the first chunk is the gzip header, and nothing else. */
async function checkHeader(pieces: Slice): Promise<void> {
  const reader = new ByteReader(onePiece(Buffer.concat(pieces)));
  await readGzipHeader(reader);
  if ((await reader.byte()) !== undefined)
    throw damaged("its header is longer than the index says");
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function checkTrailer(pieces: Slice, { crc, size }: Tally): void {
  const trailer = Buffer.concat(pieces);
  if (trailer.readUInt16LE(0) !== finalBlock)
    throw damaged("its last block is not the one that ends it");
  if (trailer.readUInt32LE(2) !== crc) throw damaged("its content does not match its checksum");
  if (trailer.readUInt32LE(6) !== size % 2 ** 32)
    throw damaged("its content does not have the stated length");
}

function damaged(what: string): SafehouseError {
  return new SafehouseError("damaged", `The gzip data is damaged: ${what}`);
}

/** An empty block with fixed codes, marked as the last. */
const finalBlock = 0x0003;

async function* takeFirst(
  working: Promise<Uint8Array>[],
  tally: Tally,
): AsyncGenerator<Uint8Array> {
  const bytes = await working.shift();
  if (bytes === undefined) throw new RangeError("No chunk is being inflated");
  tally.crc = crc32(bytes, tally.crc);
  tally.size += bytes.length;
  yield bytes;
  letGo(bytes);
}

function begin(pieces: Slice): Promise<Uint8Array> {
  const work = inflateOpenChunk(Buffer.concat([...pieces, probe]));
  // A failure is met when its turn comes; until then it must not count as unhandled.
  work.catch(() => {});
  return work;
}

/** A block of one byte without compression, to stand behind a chunk. */
const probe = Uint8Array.of(0x00, 0x01, 0x00, 0xfe, 0xff, 0x5a);

/**
 * A chunk in which a block is marked as the last inflates all the same, but readers from the front would stop
 * there. Only what comes behind it can tell.
 */
async function inflateOpenChunk(bytesAndProbe: Uint8Array): Promise<Uint8Array> {
  const content = await inflateChunk(bytesAndProbe, chunkSize + 1);
  letGo(bytesAndProbe);
  if (content.at(-1) !== probe.at(-1)) throw damaged("it ends in the middle");
  return content.subarray(0, -1);
}

/** Bytes between two offsets, in pieces that are lent until the next are asked for. */
type Slice = readonly Uint8Array[];

/** Cuts a stream at the given offsets. Rejects with `truncated` when it ends before the last of them. */
async function* slices(
  stream: AsyncIterable<Uint8Array>,
  ends: readonly number[],
): AsyncGenerator<Slice> {
  const held: Uint8Array[] = [];
  let position = 0;
  let at = 0;
  for await (const block of stream) {
    let bytes = block;
    for (let end = ends[at]; end !== undefined && position + bytes.length >= end; end = ends[at]) {
      const before = held.splice(0);
      yield [...before, bytes.subarray(0, end - position)];
      before.forEach(letGo);
      bytes = bytes.subarray(end - position);
      position = end;
      at += 1;
    }
    if (bytes.length === 0) {
      letGo(block);
      continue;
    }
    if (at === ends.length)
      throw new SafehouseError("damaged", "The inner archive goes on behind its last chunk");
    held.push(bytes);
    position += bytes.length;
  }
  if (at < ends.length)
    throw new SafehouseError("truncated", "The inner archive ends before its last chunk");
}
