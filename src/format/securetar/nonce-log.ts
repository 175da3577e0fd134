/** Bytes of nonce that each message of a stream has for itself. */
export const nonceLength = 8;

/** The nonces of a stream's messages, in one growing piece of memory: 8 KiB for each GiB of archive. */
export class NonceLog {
  #bytes = new Uint8Array(16 * nonceLength);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** All nonces so far, 8 bytes each. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.#count * nonceLength);
  }

  add(nonce: Uint8Array): void {
    const at = this.#count * nonceLength;
    if (at === this.#bytes.length) this.#grow();
    this.#bytes.set(nonce, at);
    this.#count += 1;
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#bytes.length);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
