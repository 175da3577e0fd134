import { partsAtOnce } from "./part-layout.ts";

/** Bytes of one part in memory. */
export interface PartBuffer {
  /** From 1 on. */
  readonly number: number;
  readonly bytes: Buffer<ArrayBuffer>;
  /** How many of them are filled. */
  length: number;
}

export type SendPart = (number: number, bytes: Uint8Array) => Promise<void>;

/** Sends parts, a few at the same time, and uses their memory again. The first failure counts. */
export class PartQueue {
  readonly #partBytes: number;
  readonly #send: SendPart;
  readonly #underWay = new Set<Promise<void>>();
  readonly #free: Buffer<ArrayBuffer>[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(partBytes: number, send: SendPart) {
    this.#partBytes = partBytes;
    this.#send = send;
  }

  /** An empty part. */
  take(number: number): PartBuffer {
    const bytes = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#partBytes);
    return { number, bytes, length: 0 };
  }

  /**
   * Begins to send a part as soon as it is its turn. Rejects if an earlier one has failed.
   * @param held how many other parts take memory beside those that are under way
   */
  async push(part: PartBuffer, held: number): Promise<void> {
    const atOnce = Math.max(1, partsAtOnce(this.#partBytes) - held);
    while (this.#underWay.size >= atOnce) {
      await Promise.race(this.#underWay);
    }
    this.check();
    const sending = this.#sendOne(part).finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  /** Rejects if a part has failed; otherwise all have arrived. */
  async settle(): Promise<void> {
    await this.quiet();
    this.check();
  }

  /** Waits until nothing is under way, whatever comes of it. */
  async quiet(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Gives the memory of parts back at once; the collector of garbage would let megabytes lie for long. */
  drop(): void {
    for (const bytes of this.#free.splice(0)) bytes.buffer.transfer(0);
  }

  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Never rejects: what has failed is told by the next call. */
  async #sendOne(part: PartBuffer): Promise<void> {
    try {
      await this.#send(part.number, part.bytes.subarray(0, part.length));
      this.#free.push(part.bytes);
    } catch (error) {
      this.#failure ??= { error };
    }
  }
}
