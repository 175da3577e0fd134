import { loadBlake3, type Blake3 } from "#format/blake3/blake3.ts";

/**
 * The hash by which an index knows the content of a file: BLAKE3, 32 bytes, in base64
 * (docs/decisions: SHA-256 costs as much as compressing where the processor has no instructions for it).
 */
export class ContentHash {
  readonly #blake3: Blake3;

  constructor(blake3: Blake3) {
    this.#blake3 = blake3;
  }

  update(bytes: Uint8Array): void {
    this.#blake3.update(bytes);
  }

  /** The hash of what has come since the last digest. */
  digest(): string {
    return Buffer.from(this.#blake3.digest()).toString("base64");
  }
}

/** Makes a hash for one content after the other. */
export async function openContentHash(): Promise<ContentHash> {
  const makeBlake3 = await loadBlake3();
  return new ContentHash(makeBlake3());
}
