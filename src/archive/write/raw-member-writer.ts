import type { WriteBytes } from "./tar-packer.ts";

const blockSize = 1024 * 1024;

/** Stands in for `GzipMemberWriter` where nothing is compressed: gathers small writes into large ones. */
export class RawMemberWriter {
  readonly chunkStarts: readonly number[] = [];
  readonly #emit: WriteBytes;
  #block = new Uint8Array(blockSize);
  #used = 0;
  #size = 0;

  constructor(emit: WriteBytes) {
    this.#emit = emit;
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#used + bytes.length > blockSize) return this.#writeSlowly(bytes);
    this.#block.set(bytes, this.#used);
    this.#used += bytes.length;
    return undefined;
  }

  async end(): Promise<{ crc32: undefined; size: number; compressedSize: number }> {
    await this.#flush();
    return { crc32: undefined, size: this.#size, compressedSize: this.#size };
  }

  async #writeSlowly(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(bytes.length - at, blockSize - this.#used);
      this.#block.set(bytes.subarray(at, at + length), this.#used);
      this.#used += length;
      at += length;
      if (this.#used === blockSize) await this.#flush();
    }
  }

  async #flush(): Promise<void> {
    if (this.#used === 0) return;
    this.#size += this.#used;
    await this.#emit(this.#block.subarray(0, this.#used));
    this.#used = 0;
  }
}
