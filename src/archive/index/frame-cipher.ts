import { createCipheriv, createDecipheriv } from "node:crypto";
import { zstdCompressSync, zstdDecompressSync, constants } from "node:zlib";
import { SafehouseError } from "#core/model/problem.ts";

/** The directory's frame number: it has to be opened before the number of frames is known. */
export const directoryFrame = 0xffff_ffff;

/**
 * Bytes of a frame that is accepted, before compression: entries come in frames of 256 KiB and a line, a
 * directory names some hundred thousand frames, and a part of 1 TiB has one of about 25 MiB.
 */
export const largestFrames = {
  entries: 4 * 1024 * 1024,
  directory: 16 * 1024 * 1024,
  part: 32 * 1024 * 1024,
} as const;
export type FrameKind = keyof typeof largestFrames;

/** What level 3 uses; a frame that claims a larger window wants our memory. */
const largestWindow = 21;

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

  seal(frame: number, kind: FrameKind, text: string): Uint8Array {
    const packed = zstdCompressSync(text, {
      params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
    });
    if (this.#key === undefined) return packed;
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce(frame)).setAAD(Buffer.from(kind));
    return Buffer.concat([cipher.update(packed), cipher.final(), cipher.getAuthTag()]);
  }

  /** Rejects bytes that are not what was sealed with `damaged`. */
  open(frame: number, kind: FrameKind, bytes: Uint8Array): Buffer {
    try {
      return zstdDecompressSync(this.#decrypt(frame, kind, bytes), {
        maxOutputLength: largestFrames[kind],
        params: { [constants.ZSTD_d_windowLogMax]: largestWindow },
      });
    } catch (cause) {
      throw new SafehouseError("damaged", `The index is damaged in frame ${frame}`, { cause });
    }
  }

  #decrypt(frame: number, kind: FrameKind, bytes: Uint8Array): Uint8Array {
    if (this.#key === undefined) return bytes;
    const body = bytes.subarray(0, Math.max(0, bytes.length - tagLength));
    const cipher = createDecipheriv("aes-256-gcm", this.#key, nonce(frame), {
      authTagLength: tagLength,
    });
    cipher.setAAD(Buffer.from(kind)).setAuthTag(bytes.subarray(body.length));
    return Buffer.concat([cipher.update(body), cipher.final()]);
  }
}

function nonce(frame: number): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(frame, 8);
  return bytes;
}
