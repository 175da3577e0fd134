import { crc32 } from "node:zlib";
import { ByteReader } from "./byte-reader.ts";
import { damagedGzip } from "./gzip-errors.ts";
import { gzipMagic } from "./gzip-header.ts";
import { inflateStream } from "./inflate-stream.ts";
import { readGzipHeader } from "./read-gzip-header.ts";
import { type GzipTrailer, readGzipTrailer, readLegacyTrailer } from "./read-gzip-trailer.ts";

export interface GunzipOptions {
  /** The trailer is padded as SecureTar version 1 did (docs/format.md, section 8.2). One member only. */
  readonly legacyTrailer?: boolean;
}

/**
 * Decompresses gzip (RFC 1952) and proves it by checksum and length. Several members in a row and zero
 * bytes after one are accepted. Memory does not depend on the content, and the input is read only as
 * fast as the output is taken. What it yields belongs to the caller; closing it closes the input.
 *
 * Bytes are yielded before the checksum behind them is known: only the end proves them.
 * @throws SafehouseError `truncated` when the input ends too early; `damaged` when it is no gzip, cannot
 * be inflated, does not match its checksum, or is followed by other bytes
 */
export async function* gunzip(
  input: AsyncIterable<Uint8Array>,
  options: GunzipOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const reader = new ByteReader(input);
  const legacy = options.legacyTrailer === true;
  try {
    do {
      yield* gunzipMember(reader, legacy ? readLegacyTrailer : readGzipTrailer);
    } while (!legacy && (await findNextMember(reader)));
  } finally {
    await reader.close();
  }
}

async function* gunzipMember(
  reader: ByteReader,
  readTrailer: (reader: ByteReader) => Promise<GzipTrailer>,
): AsyncGenerator<Uint8Array, void> {
  await readGzipHeader(reader);
  let checksum = 0;
  let size = 0;
  for await (const piece of inflateStream(reader)) {
    checksum = crc32(piece, checksum);
    size += piece.length;
    yield piece;
  }
  const trailer = await readTrailer(reader);
  if (trailer.crc32 !== checksum) throw damagedGzip("its content does not match its checksum");
  if (trailer.size !== size % 2 ** 32)
    throw damagedGzip("its content does not have the stated length");
}

async function findNextMember(reader: ByteReader): Promise<boolean> {
  for (;;) {
    const piece = await reader.piece();
    if (piece === undefined) return false;
    const start = piece.findIndex((byte) => byte !== 0);
    if (start === -1) continue;
    if (piece[start] !== gzipMagic[0]) throw damagedGzip("other bytes follow its end");
    reader.putBack(piece.length - start);
    return true;
  }
}
