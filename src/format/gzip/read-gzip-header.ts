import { crc32 } from "node:zlib";
import type { ByteReader } from "./byte-reader.ts";
import { damagedGzip, truncatedGzip } from "./gzip-errors.ts";
import { deflateMethod, gzipMagic, headerFlag } from "./gzip-header.ts";

/** Of a name or comment, in bytes: far beyond any file name, and little to hold. */
const longestText = 65_536;

/**
 * Reads the header of a gzip member (RFC 1952, section 2.3) and checks all that it can.
 * @throws SafehouseError `damaged` when it is none, `truncated` when the input ends in it
 */
export async function readGzipHeader(reader: ByteReader): Promise<void> {
  const header = new HeaderBytes(reader);
  for (const expected of [...gzipMagic, deflateMethod]) {
    if ((await header.next()) !== expected) throw damagedGzip("it does not begin as gzip does");
  }
  const flags = await header.next();
  if ((flags & headerFlag.reserved) !== 0) throw damagedGzip("its header has unknown flags");
  // Time, extra flags and system say nothing about the content.
  await header.skip(6);
  if ((flags & headerFlag.extra) !== 0) await header.skip(await header.nextShort());
  if ((flags & headerFlag.name) !== 0) await header.skipText();
  if ((flags & headerFlag.comment) !== 0) await header.skipText();
  if ((flags & headerFlag.headerCrc) === 0) return;
  const expected = header.crc32() & 0xffff;
  if ((await header.nextShort()) !== expected)
    throw damagedGzip("its header does not match its checksum");
}

/** The header's bytes, kept for their checksum: at most some 200 KiB. */
class HeaderBytes {
  readonly #reader: ByteReader;
  readonly #bytes: number[] = [];

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  async next(): Promise<number> {
    const byte = await this.#reader.byte();
    if (byte === undefined) throw truncatedGzip();
    this.#bytes.push(byte);
    return byte;
  }

  /** CRC-32 of the bytes read so far. */
  crc32(): number {
    return crc32(Uint8Array.from(this.#bytes));
  }

  async nextShort(): Promise<number> {
    return (await this.next()) + 256 * (await this.next());
  }

  async skip(length: number): Promise<void> {
    for (let i = 0; i < length; i += 1) await this.next();
  }

  async skipText(): Promise<void> {
    for (let i = 0; i < longestText; i += 1) {
      if ((await this.next()) === 0) return;
    }
    throw damagedGzip("a name in its header has no end");
  }
}
