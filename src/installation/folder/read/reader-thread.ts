import { Worker } from "node:worker_threads";
import { bufferBytes, bufferCount } from "./reader-protocol.ts";
import type { ReaderMessage, ReaderSetup } from "./reader-protocol.ts";

/** A thread and the buffers that it fills, which live as long as it does. */
interface Reader {
  readonly worker: Worker;
  readonly memory: SharedArrayBuffer;
  /** Ends it when it has been idle for too long. */
  end?: NodeJS.Timeout;
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
    clearTimeout(reader.end);
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
    const reader = this.#reader;
    const { worker } = reader;
    forget(worker);
    worker.once("error", () => drop(reader));
    worker.once("exit", () => drop(reader));
    worker.unref();
    idle.push(reader);
    reader.end = setTimeout(() => endIdle(reader), idleTimeInMs).unref();
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
export const idleTimeInMs = 500;

/** Nobody may be given a thread that is ending, so it leaves the list first. */
function endIdle(reader: Reader): void {
  drop(reader);
  void reader.worker.terminate();
}

function drop(reader: Reader): void {
  idle.splice(0, idle.length, ...idle.filter((other) => other !== reader));
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
