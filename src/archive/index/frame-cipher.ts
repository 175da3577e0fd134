import { createCipheriv, createDecipheriv } from "node:crypto";
import { zstdCompressSync, zstdDecompressSync, constants } from "node:zlib";
import { SafehouseError } from "#core/model/problem.ts";

/** The directory's frame number: it has to be opened before the number of frames is known. */
export const directoryFrame = 0xffff_ffff;

/** Largest frame that is accepted, before compression; a part of 2 TiB has one of about 50 MiB. */
const largestFrame = 64 * 1024 * 1024;

const tagLength = 16;

/**
 * Packs and unpacks the frames of an index: zstd with its own checksum, then, for protected backups,
 * AES-256-GCM. The nonce is the frame's number, which never repeats under one key because every index
 * has a key of its own; number and kind are authenticated, so frames cannot be swapped.
 */
export class FrameCipher {
  readonly #key: Uint8Array | undefined;

  /** @param key 32 bytes, or undefined for the index of an unprotected backup */
  constructor(key: Uint8Array | undefined) {
    this.#key = key;
  }

  seal(frame: number, kind: string, text: string): Uint8Array {
    const packed = zstdCompressSync(text, {
      params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
    });
    if (this.#key === undefined) return packed;
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce(frame)).setAAD(Buffer.from(kind));
    return Buffer.concat([cipher.update(packed), cipher.final(), cipher.getAuthTag()]);
  }

  /** Rejects bytes that are not what was sealed with `damaged`. */
  open(frame: number, kind: string, bytes: Uint8Array): Buffer {
    try {
      return zstdDecompressSync(this.#decrypt(frame, kind, bytes), { maxOutputLength: largestFrame });
    } catch (cause) {
      throw new SafehouseError("damaged", `The index is damaged in frame ${frame}`, { cause });
    }
  }

  #decrypt(frame: number, kind: string, bytes: Uint8Array): Uint8Array {
    if (this.#key === undefined) return bytes;
    const body = bytes.subarray(0, Math.max(0, bytes.length - tagLength));
    const cipher = createDecipheriv("aes-256-gcm", this.#key, nonce(frame), { authTagLength: tagLength });
    cipher.setAAD(Buffer.from(kind)).setAuthTag(bytes.subarray(body.length));
    return Buffer.concat([cipher.update(body), cipher.final()]);
  }
}

function nonce(frame: number): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(frame, 8);
  return bytes;
}
