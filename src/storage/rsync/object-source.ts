import type { ByteSource } from "#core/ports.ts";
import { fetchStretch } from "./fetch.ts";
import type { Rsync } from "./rsync.ts";

/** Skipping so many bytes is faster than another run, which is another connection. */
const skippedBytes = 16 * 1024 * 1024;
/** After so long without a call the run that is going on is ended. */
const idleMs = 10_000;

/** An object for reading at any place: reads that go forward share a run, each other one begins its own. */
export class RsyncSource implements ByteSource {
  readonly size: number;
  readonly #rsync: Rsync;
  readonly #key: string;
  readonly #signal: AbortSignal;
  #chunks: AsyncGenerator<Uint8Array, void, undefined> | undefined;
  /** Fetched and not read yet; it begins at `#at`. */
  #rest: Uint8Array = new Uint8Array(0);
  #at = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  constructor(
    rsync: Rsync,
    { key, size }: { readonly key: string; readonly size: number },
    signal: AbortSignal,
  ) {
    this.#rsync = rsync;
    this.#key = key;
    this.size = size;
    this.#signal = signal;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return this.#inTurn(async () => {
      this.#signal.throwIfAborted();
      const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
      if (bytes.length > 0) await this.#fill(bytes, offset);
      this.#idle = setTimeout(() => void this.#inTurn(() => this.#leave()), idleMs).unref();
      return bytes;
    });
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#leave());
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    clearTimeout(this.#idle);
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #fill(bytes: Uint8Array, offset: number): Promise<void> {
    const isNear = offset >= this.#at && offset - this.#at <= this.#rest.length + skippedBytes;
    if (this.#chunks === undefined || !isNear) {
      await this.#leave();
      this.#at = offset;
      const stretch = { key: this.#key, offset, end: this.size };
      this.#chunks = fetchStretch(this.#rsync, stretch, this.#signal);
    }
    try {
      for (let filled = 0; filled < bytes.length;) {
        const skip = Math.max(0, offset + filled - this.#at);
        const part = this.#rest.subarray(skip, skip + bytes.length - filled);
        bytes.set(part, filled);
        filled += part.length;
        const gone = Math.min(this.#rest.length, skip + part.length);
        this.#rest = this.#rest.subarray(gone);
        this.#at += gone;
        if (filled < bytes.length) await this.#next();
      }
    } catch (error) {
      await this.#leave();
      throw error;
    }
  }

  async #next(): Promise<void> {
    const next = await this.#chunks?.next();
    if (next?.done !== false) throw new Error("The stretch has ended before the object");
    this.#rest = next.value;
  }

  async #leave(): Promise<void> {
    const chunks = this.#chunks;
    this.#chunks = undefined;
    this.#rest = new Uint8Array(0);
    await chunks?.return();
  }
}
