import { settledOrAborted } from "../interruptible.ts";
import { isNotOffered } from "./errors.ts";
import { requestBytes, type OpenFile } from "./read-ahead.ts";

/** Requests in flight: eight megabytes, which is what a fast line with a long way needs. */
const requestsInFlight = 32;
/** Bytes that may not be on the server's disk yet. Flushed only at the end, gigabytes would make a long silence. */
const flushBytes = 256 * 1024 * 1024;

/**
 * How far an upload may be ahead of what is whole: a server that handles requests side by side may have written
 * a later one when the connection broke, and an earlier one not.
 */
export const unsureBytes = requestsInFlight * requestBytes;

/** Writes bytes to a file that is open at the server, many requests at a time. After a failure every call rejects with it. */
export class Upload {
  readonly #file: OpenFile;
  readonly #signal: AbortSignal;
  readonly #inFlight = new Set<Promise<void>>();
  /** Bytes that were accepted and not yet sent. */
  #gathered = Buffer.allocUnsafeSlow(requestBytes);
  #gatheredBytes = 0;
  /** Memory of requests that were answered. */
  readonly #unused: Buffer<ArrayBuffer>[] = [];
  #sentBytes: number;
  #flushedAt: number;
  #flushing: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown; readonly offset: number } | undefined;

  /** @param from bytes that the file has already */
  constructor(file: OpenFile, from: number, signal: AbortSignal) {
    this.#file = file;
    this.#signal = signal;
    this.#sentBytes = from;
    this.#flushedAt = from;
  }

  /** Bytes so far, with those that are on their way. */
  get size(): number {
    return this.#sentBytes + this.#gatheredBytes;
  }

  /** Where the request that failed first began. */
  get failedAt(): number | undefined {
    return this.#failure?.offset;
  }

  /** Appends; the bytes are copied. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#check();
    for (let at = 0; at < bytes.length;) {
      const taken = Math.min(bytes.length - at, requestBytes - this.#gatheredBytes);
      this.#gathered.set(bytes.subarray(at, at + taken), this.#gatheredBytes);
      this.#gatheredBytes += taken;
      at += taken;
      if (this.#gatheredBytes === requestBytes) await this.#sendGathered();
    }
  }

  /** Rewrites bytes that were written before. */
  async rewrite(offset: number, bytes: Uint8Array): Promise<void> {
    await this.settle();
    this.#send(Buffer.from(bytes), offset);
    await this.settle();
  }

  /** Everything is at the server when this resolves. */
  async settle(): Promise<void> {
    if (this.#gatheredBytes > 0) await this.#sendGathered();
    while (this.#inFlight.size > 0) await this.#oneLess();
    this.#check();
  }

  /** Everything is on stable storage when this resolves, as far as the server lets that be asked for. */
  async finish(): Promise<void> {
    await this.settle();
    await this.#flushing;
    await this.#flush();
    this.#check();
  }

  async #sendGathered(): Promise<void> {
    while (this.#inFlight.size >= requestsInFlight) await this.#oneLess();
    this.#check();
    const length = this.#gatheredBytes;
    // The library sends a request that is too large for the server in turns, and reads the rest of these bytes later.
    this.#send(this.#gathered.subarray(0, length), this.#sentBytes);
    this.#gathered = this.#unused.pop() ?? Buffer.allocUnsafeSlow(requestBytes);
    this.#sentBytes += length;
    this.#gatheredBytes = 0;
    if (this.#sentBytes - this.#flushedAt < flushBytes) return;
    this.#flushedAt = this.#sentBytes;
    await settledOrAborted(this.#flushing, this.#signal);
    this.#flushing = this.#flush();
  }

  #send(bytes: Buffer<ArrayBuffer>, offset: number): void {
    const { session, handle } = this.#file;
    const request: Promise<void> = session
      .ask<void>(
        (sftp, answer) => sftp.write(handle, bytes, 0, bytes.length, offset, answer as () => void),
        this.#signal,
      )
      .catch((error: unknown) => this.#fail(error, offset))
      .finally(() => {
        this.#inFlight.delete(request);
        if (bytes.buffer.byteLength === requestBytes) this.#unused.push(Buffer.from(bytes.buffer));
      });
    this.#inFlight.add(request);
  }

  async #flush(): Promise<void> {
    const { session, handle } = this.#file;
    try {
      await session.ask<unknown>(
        (sftp, answer) => sftp.ext_openssh_fsync(handle, answer),
        this.#signal,
      );
    } catch (error) {
      if (!isNotOffered(error)) this.#fail(error, this.#sentBytes);
    }
  }

  async #oneLess(): Promise<void> {
    await Promise.race(this.#inFlight);
    this.#check();
  }

  #fail(error: unknown, offset: number): void {
    this.#failure ??= { error, offset };
  }

  #check(): void {
    this.#signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
