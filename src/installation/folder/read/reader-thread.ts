import { Worker } from "node:worker_threads";
import type { ReaderMessage, ReaderSetup } from "./reader-protocol.ts";

/** Threads that have nothing to do. Starting one takes as long as reading 100 MB, and a home has many parts. */
const idle: Worker[] = [];

export interface ReaderListener {
  message(message: ReaderMessage): void;
  /** The thread died. */
  died(cause?: unknown): void;
}

/** A reader's thread at one task. */
export class ReaderThread {
  readonly #worker: Worker;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Sets an idle thread, or a new one, to work. */
  static start(setup: ReaderSetup, listener: ReaderListener): ReaderThread {
    const worker = idle.pop() ?? new Worker(readerFile(), { execArgv: [] });
    worker.ref();
    worker.on("message", (message: ReaderMessage) => listener.message(message));
    worker.on("error", (cause) => listener.died(cause));
    worker.on("exit", () => listener.died());
    worker.postMessage(setup);
    return new ReaderThread(worker);
  }

  /** After `done` or `failed`: keeps the thread for the next task; it does not keep the process alive. */
  release(): void {
    this.#forget();
    this.#worker.once("exit", () => {
      const at = idle.indexOf(this.#worker);
      if (at >= 0) idle.splice(at, 1);
    });
    this.#worker.unref();
    idle.push(this.#worker);
  }

  /** In the middle of a task. Resolves when the thread has ended, which the kernel may delay. */
  async stop(): Promise<void> {
    this.#forget();
    this.#worker.unref();
    await this.#worker.terminate();
  }

  #forget(): void {
    for (const event of ["message", "error", "exit"]) this.#worker.removeAllListeners(event);
  }
}

/** Beside this file, of the same kind: `.ts` in development, `.js` once bundled. */
function readerFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./reader-worker.${extension}`, import.meta.url);
}
