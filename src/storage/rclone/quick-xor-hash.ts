/**
 * OneDrive's checksum: each byte is XORed into a ring of 160 bits, 11 bits further than the one before it, and the number
 * of bytes into the end. Source: learn.microsoft.com/onedrive/developer/code-snippets/quickxorhash.
 */
export class QuickXorHash {
  /** After 160 bytes the places repeat, so bytes of one place are gathered first. */
  readonly #gathered = new Uint8Array(ringBits);
  #length = 0;

  update(bytes: Uint8Array): void {
    let at = this.#length % ringBits;
    for (const byte of bytes) {
      this.#gathered[at] = (this.#gathered[at] ?? 0) ^ byte;
      at = at === ringBits - 1 ? 0 : at + 1;
    }
    this.#length += bytes.length;
  }

  digest(): string {
    const ring = Buffer.alloc(ringBytes);
    const toggle = (at: number, bits: number): void => {
      ring[at] = (ring[at] ?? 0) ^ bits;
    };
    this.#gathered.forEach((byte, index) => {
      const bit = (index * step) % ringBits;
      const wide = byte << (bit % 8);
      toggle(bit >> 3, wide & 0xff);
      toggle(((bit >> 3) + 1) % ringBytes, wide >> 8);
    });
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(this.#length));
    length.forEach((byte, index) => toggle(ringBytes - length.length + index, byte));
    return ring.toString("hex", 0, ringBytes);
  }
}

const ringBits = 160;
const ringBytes = ringBits / 8;
const step = 11;
