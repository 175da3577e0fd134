import { createCipheriv } from "node:crypto";
import { beginPoly1305 } from "#format/securetar/mac.ts";

/** Bytes of the key that all tags of one index are made with. */
export const contentKeyLength = 32;

/**
 * The tag by which an index knows the content of a file: Poly1305, 16 bytes, in base64. Each file has a
 * key of its own, made from the index's key and the file's place as RFC 8439, section 2.6, makes them;
 * the nonce is the number of the inner archive in the index (32 bits) and the offset of the content in
 * its tar (64 bits), both little-endian. While the index is encrypted, so are key and tags, and nobody
 * can change a file unnoticed.
 */
export class ContentTag {
  readonly #key: Uint8Array;
  readonly #member: number;
  #mac = beginPoly1305(new Uint8Array(contentKeyLength));

  /** @param member number of the inner archive, from 0 */
  constructor(contentKey: Uint8Array, member: number) {
    if (contentKey.length !== contentKeyLength) throw new RangeError("A content key has 32 bytes");
    this.#key = contentKey;
    this.#member = member;
  }

  /** Begins with the content at this offset. */
  begin(contentOffset: number): void {
    this.#mac = beginPoly1305(this.#keyFor(contentOffset));
  }

  update(bytes: Uint8Array): void {
    this.#mac.update(bytes);
  }

  /** The tag of what has come since `begin`. */
  end(): string {
    return Buffer.from(this.#mac.final()).toString("base64");
  }

  #keyFor(contentOffset: number): Uint8Array {
    const start = Buffer.alloc(16);
    start.writeUInt32LE(this.#member, 4);
    start.writeBigUInt64LE(BigInt(contentOffset), 8);
    return createCipheriv("chacha20", this.#key, start).update(new Uint8Array(32));
  }
}
