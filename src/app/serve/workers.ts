import { fork, type ChildProcess } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunEnd } from "#jobs/runs/run-desk.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { receivedError, type WorkerMessage, type WorkOrder } from "./worker-message.ts";
import { memoryFlags } from "./memory-flags.ts";

const script = fileURLToPath(new URL(`./run-worker${extname(import.meta.url)}`, import.meta.url));

/** So many runs at once; each takes a process. One makes at a time, and the others wait for it or deliver. */
const mostWorkers = 8;
/** Its steps have eight seconds to stop, and what then still runs waits for something that hangs. */
const longestEndInMs = 12_000;
/** So many results are remembered; they can hold thousands of lines. */
const keptResults = 50;

/** Carries runs out in processes of their own, and remembers for a while what they came to. */
export class Workers implements AsyncDisposable {
  readonly #dataDirectory: string;
  readonly #atWork = new Set<ChildProcess>();
  readonly #asked = new WeakSet<ChildProcess>();
  readonly #ends = new Map<string, Promise<RunEnd>>();

  constructor(dataDirectory: string) {
    this.#dataDirectory = dataDirectory;
  }

  /**
   * Answers an operation that starts a run, which then goes on. Rejects with what the operation rejects with,
   * and with `busy` if too many are at work.
   */
  async start(operation: string, input: unknown): Promise<unknown> {
    if (this.#atWork.size >= mostWorkers) throw tooMany();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const end = Promise.withResolvers<RunEnd>();
    const child = fork(script, {
      execArgv: [...memoryFlags],
      serialization: "advanced",
      // Ctrl-C is for the server, which then ends its workers in good order.
      detached: true,
    });
    this.#atWork.add(child);
    child.on("message", (message: WorkerMessage) => {
      if (message.kind === "answer") {
        this.#remember(message.answer, end.promise);
        resolve(message.answer);
      } else if (message.kind === "refused") reject(receivedError(message.error));
      else end.resolve(endOf(message));
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      this.#atWork.delete(child);
      reject(new Error(`A worker ended before it answered: ${signal ?? code}`));
      end.resolve({ kind: "failed", error: cutShort() });
    });
    const order: WorkOrder = { operation, input, dataDirectory: this.#dataDirectory };
    child.send(order);
    return promise;
  }

  /** The same; returns the id of the run. */
  async begin(operation: string, input: unknown): Promise<string> {
    const answer = await this.start(operation, input);
    const run = runIn(answer);
    if (run === undefined) throw new Error(`${operation} started no run`);
    return run;
  }

  /** What a run of these workers comes to, when it has; undefined for any other. */
  end(run: string): Promise<RunEnd> | undefined {
    return this.#ends.get(run);
  }

  /**
   * Has what is at work cancelled. Each is asked once: a second signal would end it at once.
   * @param goesOnLater numbers of processes whose runs the next server goes on with: they just end, and keep what is on its way
   */
  cancel(goesOnLater: ReadonlySet<number> = new Set()): void {
    for (const child of this.#atWork)
      if (!this.#asked.has(child)) {
        this.#asked.add(child);
        child.kill(goesOnLater.has(child.pid ?? 0) ? "SIGKILL" : "SIGTERM");
      }
  }

  /** Has what is at work cancelled, and waits until it has stopped. */
  async [Symbol.asyncDispose](): Promise<void> {
    const gone = [...this.#atWork].map(
      (child) => new Promise((resolve) => child.once("exit", resolve)),
    );
    this.cancel();
    const overdue = setTimeout(() => this.#kill(), longestEndInMs);
    await Promise.all(gone);
    clearTimeout(overdue);
  }

  /** What does not even end when it is asked to is ended; the journal tells of it at the next start. */
  #kill(): void {
    for (const child of this.#atWork) child.kill("SIGKILL");
  }

  #remember(answer: unknown, end: Promise<RunEnd>): void {
    const run = runIn(answer);
    if (run === undefined) return;
    this.#ends.set(run, end);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > keptResults && oldest !== undefined) this.#ends.delete(oldest);
  }
}

function runIn(answer: unknown): string | undefined {
  const run = typeof answer === "object" && answer !== null && "run" in answer && answer.run;
  return typeof run === "string" ? run : undefined;
}

function endOf(message: Extract<WorkerMessage, { readonly run: string }>): RunEnd {
  if (message.kind === "done") return { kind: "done", result: message.result };
  return { kind: "failed", error: receivedError(message.error) };
}

function cutShort(): SafehouseError {
  return new SafehouseError("cancelled", "The process that carried it out has ended", {
    advice: "See in the list of runs what it had come to",
  });
}

function tooMany(): SafehouseError {
  return new SafehouseError("busy", `${mostWorkers} runs are at work or wait already`, {
    advice: "Wait until one has ended, or cancel one",
    facts: { retryAfterSeconds: 60 },
  });
}
