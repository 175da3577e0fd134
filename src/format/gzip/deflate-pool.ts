import { availableParallelism } from "node:os";
import { makeChunkSlot } from "./chunk-slot.ts";
import type { ChunkSlot } from "./chunk-slot.ts";
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
  readonly #free: ChunkSlot[] = [];
  #slots = 0;

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

  /** Memory for one chunk: fill its `input` and hand it to `compress`. Its content is arbitrary. */
  takeSlot(): ChunkSlot {
    return this.#free.pop() ?? makeChunkSlot(this.#slots++);
  }

  /**
   * Compresses the first `length` bytes of a slot's input. The slot is the pool's until the chunk is
   * released. Rejects when its thread stops; nothing waits for ever.
   */
  async compress(slot: ChunkSlot, length: number): Promise<CompressedChunk> {
    const { written, crc32 } = await this.#leastBusy().compress(slot, length);
    const release = (): void => void this.#free.push(slot);
    return { bytes: slot.output.subarray(0, written), crc32, size: length, release };
  }

  /** Stops the threads; chunks that they have not finished reject. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
    this.#free.length = 0;
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
