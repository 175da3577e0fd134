import { availableParallelism } from "node:os";
import { chunkSize, compressedBound } from "./chunk.ts";
import type { DeflateEngineName } from "./deflate-engine.ts";
import { DeflateThread } from "./deflate-thread.ts";

export interface DeflatePoolOptions {
  /** Default: `wasm`. */
  readonly engine?: DeflateEngineName;
  /** Default: one per processor, at most 8. A thread takes some 15 MB and two chunks' buffers. */
  readonly threads?: number;
  /** Another script than `deflate-worker`, for tests. */
  readonly script?: URL;
}

/** Deflate of one chunk; the bytes are only lent: see `release`. */
export interface CompressedChunk {
  /** Raw deflate that ends at a byte border; see `DeflateEngine`. */
  readonly bytes: Uint8Array;
  /** Of the uncompressed bytes. */
  readonly crc32: number;
  /** Uncompressed bytes. */
  readonly size: number;
  /** Gives the buffer back. `bytes` must not be used any more. */
  release(): void;
}

/** Threads that compress chunks. One pool may serve several writers. */
export class DeflatePool implements AsyncDisposable {
  readonly #threads: readonly DeflateThread[];
  readonly #inputs: ArrayBuffer[] = [];
  readonly #outputs: ArrayBuffer[] = [];

  private constructor(threads: readonly DeflateThread[]) {
    this.#threads = threads;
  }

  /** @throws SafehouseError `unsupported` when the engine is not there */
  static async open(options: DeflatePoolOptions = {}): Promise<DeflatePool> {
    const { engine = "wasm", threads = Math.min(availableParallelism(), 8) } = options;
    if (!(threads >= 1)) throw new RangeError(`A pool of ${threads} threads`);
    const script = options.script ?? workerScript();
    const started = Array.from({ length: threads }, () => new DeflateThread(engine, script));
    const pool = new DeflatePool(started);
    // Of several failures the first is thrown; the others are the same.
    const results = await Promise.allSettled(started.map((thread) => thread.ready));
    const failed = results.find((result) => result.status === "rejected");
    if (failed === undefined) return pool;
    await pool[Symbol.asyncDispose]();
    throw failed.reason;
  }

  get threads(): number {
    return this.#threads.length;
  }

  /** A buffer for one chunk, to be filled and handed to `compress`. Its content is arbitrary. */
  takeInput(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#inputs.pop() ?? new ArrayBuffer(chunkSize));
  }

  /**
   * Compresses the first `length` bytes of a buffer from `takeInput`, which is gone for the caller.
   * Rejects when its thread stops; nothing waits for ever.
   */
  async compress(input: Uint8Array<ArrayBuffer>, length: number): Promise<CompressedChunk> {
    const output = this.#outputs.pop() ?? new ArrayBuffer(compressedBound(chunkSize));
    const job = { input: input.buffer, length, output };
    const done = await this.#leastBusy().compress(job);
    this.#inputs.push(done.input);
    return {
      bytes: new Uint8Array(done.output, 0, done.written),
      crc32: done.crc32,
      size: length,
      release: () => void this.#outputs.push(done.output),
    };
  }

  /** Stops the threads; chunks that they have not finished reject. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
    this.#inputs.length = 0;
    this.#outputs.length = 0;
  }

  #leastBusy(): DeflateThread {
    return this.#threads.reduce((best, thread) =>
      thread.jobsWaiting < best.jobsWaiting ? thread : best,
    );
  }
}

/** The worker lies beside this file, as TypeScript or, bundled, as JavaScript. */
function workerScript(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./deflate-worker.${extension}`, import.meta.url);
}
