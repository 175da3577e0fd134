import { Worker } from "node:worker_threads";

/** Some content of a file; `last` if the file ends with it. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly last: boolean;
}

/** What the thread is asked: pieces by offset and length in memory that both threads see. */
export interface HashJob {
  readonly memory: SharedArrayBuffer;
  readonly pieces: readonly (readonly [offset: number, length: number, last: boolean])[];
}

/** Hashes of the files that ended, see `ContentHash`. */
export type HashAnswer = readonly string[];

/**
 * Hashes files in a thread of its own, so that a backup's one main thread has time for the rest. One
 * stream of content at a time; files may span any number of calls.
 */
export class HashThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #waiting: PromiseWithResolvers<HashAnswer>[] = [];
  #failure: Error | undefined;
  /** For content that does not lie in shared memory. */
  #copy = new SharedArrayBuffer(0);

  constructor() {
    this.#worker = new Worker(workerFile(), { execArgv: [] });
    this.#worker.unref();
    this.#worker.on("message", (answer: HashAnswer) => {
      this.#waiting.shift()?.resolve(answer);
      if (this.#waiting.length === 0) this.#worker.unref();
    });
    this.#worker.on("error", (cause) =>
      this.#fail(new Error("The hashing thread failed", { cause })),
    );
    this.#worker.on("exit", () => this.#fail(new Error("The hashing thread stopped")));
  }

  /**
   * Goes on with the content. Resolves to the hashes of the files that ended in it; the bytes must stay as
   * they are until then, and no other call may be made.
   */
  async hash(pieces: readonly Piece[]): Promise<HashAnswer> {
    if (pieces.length === 0) return [];
    if (this.#failure !== undefined) throw this.#failure;
    const answer = Promise.withResolvers<HashAnswer>();
    this.#waiting.push(answer);
    this.#worker.ref();
    this.#worker.postMessage(this.#share(pieces));
    return answer.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #share(pieces: readonly Piece[]): HashJob {
    const memory = pieces[0]?.bytes.buffer;
    const shared =
      memory instanceof SharedArrayBuffer && pieces.every(({ bytes }) => bytes.buffer === memory);
    if (!shared) return this.#copied(pieces);
    return {
      memory,
      pieces: pieces.map(({ bytes, last }) => [bytes.byteOffset, bytes.length, last]),
    };
  }

  #copied(pieces: readonly Piece[]): HashJob {
    const size = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (this.#copy.byteLength < size) this.#copy = new SharedArrayBuffer(size);
    const target = new Uint8Array(this.#copy);
    let end = 0;
    const places = pieces.map(({ bytes, last }) => {
      target.set(bytes, end);
      end += bytes.length;
      return [end - bytes.length, bytes.length, last] as const;
    });
    return { memory: this.#copy, pieces: places };
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

/** The worker lies beside this file, as TypeScript or, bundled, as JavaScript. */
function workerFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./hash-worker.${extension}`, import.meta.url);
}
