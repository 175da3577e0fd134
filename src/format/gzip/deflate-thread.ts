import { Worker } from "node:worker_threads";
import { SafehouseError } from "#core/model/problem.ts";
import type { ChunkSlot } from "./chunk-slot.ts";
import type { DeflateEngineName } from "./deflate-engine.ts";
import type { DeflateAnswer, DeflateJob } from "./deflate-job.ts";

type Done = Extract<DeflateAnswer, { kind: "done" }>;
type Pending = PromiseWithResolvers<Done>;

/** One worker thread that compresses chunks in the order in which they are handed to it. */
export class DeflateThread {
  readonly #worker: Worker;
  readonly #ready = Promise.withResolvers<void>();
  readonly #pending: Pending[] = [];
  /** Ids of the slots that the thread has been shown. */
  readonly #known = new Set<number>();
  #failure: Error | undefined;

  constructor(engine: DeflateEngineName, script: URL) {
    this.#worker = new Worker(script, {
      workerData: { engine },
      // ISA-L is reached through an interface of which Node warns on the user's terminal. The flags of
      // this process are not passed on: among them may be some that no thread takes.
      execArgv: ["--disable-warning=ExperimentalWarning"],
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    this.#worker.on("message", (answer: DeflateAnswer) => this.#take(answer));
    this.#worker.on("messageerror", (error) => this.#fail(stopped(error)));
    this.#worker.on("error", (error) => this.#fail(stopped(error)));
    this.#worker.on("exit", () => this.#fail(stopped()));
  }

  /** Resolves when the engine is loaded; rejects with `unsupported` when it is absent. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get jobsWaiting(): number {
    return this.#pending.length;
  }

  /** Compresses what lies in a slot. Rejects when the thread stops first, at whatever time that is. */
  async compress(slot: ChunkSlot, length: number): Promise<Done> {
    if (this.#failure !== undefined) throw this.#failure;
    const pending: Pending = Promise.withResolvers();
    const job = { slot: slot.id, length };
    const known = this.#known.has(slot.id);
    this.#known.add(slot.id);
    this.#worker.postMessage((known ? job : { ...job, memory: slot }) satisfies DeflateJob);
    if (this.#pending.push(pending) === 1) this.#worker.ref();
    return pending.promise;
  }

  async stop(): Promise<void> {
    this.#fail(new Error("The compression thread was stopped"));
    await this.#worker.terminate();
  }

  #take(answer: DeflateAnswer): void {
    switch (answer.kind) {
      case "ready":
        this.#worker.unref();
        this.#ready.resolve();
        return;
      case "failed": {
        const { problem, message, advice } = answer;
        this.#fail(new SafehouseError(problem, message, advice === undefined ? {} : { advice }));
        return;
      }
      case "done":
        this.#pending.shift()?.resolve(answer);
        // An idle thread does not keep the process alive.
        if (this.#pending.length === 0) this.#worker.unref();
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#ready.reject(this.#failure);
    for (const pending of this.#pending.splice(0)) pending.reject(this.#failure);
  }
}

function stopped(cause?: unknown): Error {
  return new Error("A compression thread stopped unexpectedly", { cause });
}
