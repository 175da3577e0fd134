import type { ByteReader } from "./byte-reader.ts";
import { damagedGzip, truncatedGzip } from "./gzip-errors.ts";

export interface GzipTrailer {
  readonly crc32: number;
  /** Bytes modulo 2^32. */
  readonly size: number;
}

/** Checksum and length behind a member's deflate data (RFC 1952, section 2.3). */
export async function readGzipTrailer(reader: ByteReader): Promise<GzipTrailer> {
  const bytes = new Uint8Array(8);
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = await reader.byte();
    if (byte === undefined) throw truncatedGzip();
    bytes[i] = byte;
  }
  const view = new DataView(bytes.buffer);
  return { crc32: view.getUint32(0, true), size: view.getUint32(4, true) };
}

const cipherBlock = 16;
const legacyTrailerLength = 2 * cipherBlock;
/** PKCS #7 for a block that holds four bytes. */
const paddingByte = cipherBlock - 4;

/**
 * The trailer as SecureTar version 1 left it (docs/format.md, section 8.2): up to 15 bytes that fill the
 * deflate data's last block, then checksum and length with 12 bytes of padding each.
 */
export async function readLegacyTrailer(reader: ByteReader): Promise<GzipTrailer> {
  const bytes = await readRest(reader);
  if (bytes.length < legacyTrailerLength) throw truncatedGzip();
  const tail = Uint8Array.from(bytes.slice(-legacyTrailerLength));
  const isPadded = tail.every((byte, index) => index % cipherBlock < 4 || byte === paddingByte);
  if (!isPadded) throw damagedGzip("its trailer is not padded as version 1 did");
  const view = new DataView(tail.buffer);
  return { crc32: view.getUint32(0, true), size: view.getUint32(cipherBlock, true) };
}

async function readRest(reader: ByteReader): Promise<number[]> {
  const bytes: number[] = [];
  for (;;) {
    const byte = await reader.byte();
    if (byte === undefined) return bytes;
    bytes.push(byte);
    if (bytes.length >= legacyTrailerLength + cipherBlock)
      throw damagedGzip("other bytes follow its end");
  }
}
