import { createHash } from "node:crypto";

/**
 * Dropbox's checksum: SHA-256 of the SHA-256 of each 4 MiB.
 * Source: dropbox.com/developers/reference/content-hash.
 */
export class DropboxHash {
  readonly #whole = createHash("sha256");
  #block = createHash("sha256");
  #blockBytes = 0;

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + blockSize - this.#blockBytes);
      this.#block.update(part);
      this.#blockBytes += part.length;
      at += part.length;
      if (this.#blockBytes === blockSize) this.#endBlock();
    }
  }

  digest(): string {
    if (this.#blockBytes > 0) this.#endBlock();
    return this.#whole.digest("hex");
  }

  #endBlock(): void {
    this.#whole.update(this.#block.digest());
    this.#block = createHash("sha256");
    this.#blockBytes = 0;
  }
}

const blockSize = 4 * 1024 * 1024;
