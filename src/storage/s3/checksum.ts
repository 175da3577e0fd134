import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** CRC-32 as S3 writes it: four bytes, the most significant first, in base64. */
export function crc32Text(bytes: Uint8Array): string {
  return crc32Bytes(crc32(bytes)).toString("base64");
}

export function crc32Bytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Content-MD5 of RFC 1864. */
export function md5Text(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("base64");
}
