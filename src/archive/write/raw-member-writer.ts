import { crc32 } from "node:zlib";
import type { WriteBytes } from "./tar-packer.ts";

const blockSize = 1024 * 1024;

/** Stands in for `GzipMemberWriter` where nothing is compressed: gathers small writes into large ones. */
export class RawMemberWriter {
  readonly chunkStarts: readonly number[] = [];
  readonly #emit: WriteBytes;
  #block = new Uint8Array(blockSize);
  #used = 0;
  #size = 0;
  #crc32 = 0;

  constructor(emit: WriteBytes) {
    this.#emit = emit;
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#used + bytes.length > blockSize) return this.#writeSlowly(bytes);
    this.#block.set(bytes, this.#used);
    this.#used += bytes.length;
    return undefined;
  }

  async end(): Promise<{ crc32: number; size: number; compressedSize: number }> {
    await this.#flush();
    return { crc32: this.#crc32, size: this.#size, compressedSize: this.#size };
  }

  async #writeSlowly(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(bytes.length - at, blockSize - this.#used);
      this.#block.set(bytes.subarray(at, at + length), this.#used);
      this.#used += length;
      at += length;
      if (this.#used === blockSize) await this.#flush();
    }
  }

  async #flush(): Promise<void> {
    if (this.#used === 0) return;
    const bytes = this.#block.subarray(0, this.#used);
    this.#size += bytes.length;
    this.#crc32 = crc32(bytes, this.#crc32);
    await this.#emit(bytes);
    this.#used = 0;
  }
}
