/** Takes a stream of pieces apart byte by byte or in runs, and takes back what was read too far. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array();
  #at = 0;

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#pieces = input[Symbol.asyncIterator]();
  }

  /** The next byte, or nothing at the end. */
  async byte(): Promise<number | undefined> {
    if (!(await this.#fill())) return undefined;
    const byte = this.#piece[this.#at];
    this.#at += 1;
    return byte;
  }

  /** All that is at hand, at least one byte, or nothing at the end. */
  async piece(): Promise<Uint8Array | undefined> {
    if (!(await this.#fill())) return undefined;
    const rest = this.#piece.subarray(this.#at);
    this.#at = this.#piece.length;
    return rest;
  }

  /** Puts back the last `length` bytes of the piece that came last. */
  putBack(length: number): void {
    if (length > this.#at) throw new RangeError(`${length} bytes put back of ${this.#at}`);
    this.#at -= length;
  }

  /** Tells the source that nothing more is wanted. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #fill(): Promise<boolean> {
    while (this.#at >= this.#piece.length) {
      const next = await this.#pieces.next();
      if (next.done === true) return false;
      this.#piece = next.value;
      this.#at = 0;
    }
    return true;
  }
}
