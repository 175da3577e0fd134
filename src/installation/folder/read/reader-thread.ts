import { Worker } from "node:worker_threads";
import { bufferBytes, bufferCount } from "./reader-protocol.ts";
import type { ReaderMessage, ReaderSetup } from "./reader-protocol.ts";

/** A thread and the buffers that it fills, which live as long as it does. */
interface Reader {
  readonly worker: Worker;
  readonly memory: SharedArrayBuffer;
}

/** Threads that have nothing to do. Starting one takes as long as reading 100 MB, and a home has many parts. */
const idle: Reader[] = [];

export interface ReaderListener {
  message(message: ReaderMessage): void;
  /** The thread died. */
  died(cause?: unknown): void;
}

/** A reader's thread at one task. */
export class ReaderThread {
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** The buffers that batches speak of. */
  get memory(): SharedArrayBuffer {
    return this.#reader.memory;
  }

  /** Sets an idle thread, or a new one, to work. */
  static start(setup: Omit<ReaderSetup, "memory">, listener: ReaderListener): ReaderThread {
    const reader = idle.pop() ?? newReader();
    const { worker, memory } = reader;
    forget(worker);
    worker.ref();
    worker.on("message", (message: ReaderMessage) => listener.message(message));
    worker.on("error", (cause) => listener.died(cause));
    worker.on("exit", () => listener.died());
    worker.postMessage({ ...setup, memory } satisfies ReaderSetup);
    return new ReaderThread(reader);
  }

  /** After `done` or `failed`: keeps the thread for the next task; it does not keep the process alive. */
  release(): void {
    const { worker } = this.#reader;
    const drop = (): void =>
      void idle.splice(0, idle.length, ...idle.filter((other) => other !== this.#reader));
    forget(worker);
    worker.once("error", drop);
    worker.once("exit", drop);
    worker.unref();
    idle.push(this.#reader);
    setTimeout(() => endIfIdle(this.#reader), patienceInMs).unref();
  }

  /** In the middle of a task. Resolves when the thread has ended, which the kernel may delay. */
  async stop(): Promise<void> {
    const { worker } = this.#reader;
    forget(worker);
    worker.unref();
    await worker.terminate();
  }
}

/** Content lies in shared memory, so the heap stays small; without a limit V8 lets young objects take 48 MB. */
const resourceLimits = { maxYoungGenerationSizeMb: 8 };

/** A thread that has not been needed for so long gives its memory back. */
const patienceInMs = 500;

function endIfIdle(reader: Reader): void {
  if (idle.includes(reader)) void reader.worker.terminate();
}

function newReader(): Reader {
  const worker = new Worker(readerFile(), { execArgv: [], resourceLimits });
  return { worker, memory: new SharedArrayBuffer(bufferCount * bufferBytes) };
}

function forget(worker: Worker): void {
  for (const event of ["message", "error", "exit"]) worker.removeAllListeners(event);
}

/** Beside this file, of the same kind: `.ts` in development, `.js` once bundled. */
function readerFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./reader-worker.${extension}`, import.meta.url);
}
