import { SafehouseError } from "#core/model/problem.ts";
import type { Run } from "#core/model/run.ts";

/** What a run came to in this process: a result as plain data, or what it was rejected with. */
export type RunEnd =
  | { readonly kind: "done"; readonly result: unknown }
  | { readonly kind: "failed"; readonly error: unknown };

/** How the desk carries work out: `begun` has to be called once, when the run is in the journal. */
export type CarryOut = (tools: {
  readonly begun: (run: Run) => void;
  /** Fires when the run has to end. */
  readonly signal: AbortSignal;
}) => Promise<unknown>;

/** So many results are remembered; they can hold thousands of lines. */
const keptResults = 50;

/**
 * The runs that this process carries out for those who do not wait for their end. What they come to is
 * remembered here for a while; what has to outlive the process stands in the journal.
 */
export class RunDesk implements AsyncDisposable {
  readonly #ends = new Map<string, Promise<RunEnd>>();
  readonly #atWork = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;

  /** @param signal cancels what is at work, as closing the desk does */
  constructor(signal?: AbortSignal) {
    const closing = this.#closing.signal;
    this.#signal = signal === undefined ? closing : AbortSignal.any([closing, signal]);
  }

  /** Begins work and returns the id of its run. Rejects with what kept it from coming so far. */
  async begin(carryOut: CarryOut): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const work = carryOut({ begun: ({ id }) => resolve(id), signal: this.#signal });
    const end = work.then(
      (result): RunEnd => ({ kind: "done", result }),
      (error: unknown): RunEnd => ({ kind: "failed", error }),
    );
    this.#atWork.add(end);
    void end.then(() => this.#atWork.delete(end));
    const id = await Promise.race([promise, end.then(neverBegun)]);
    this.#remember(id, end);
    return id;
  }

  /** Ids of the runs that were begun here and are remembered. */
  get begun(): readonly string[] {
    return [...this.#ends.keys()];
  }

  /** What a run of this process comes to, when it has; undefined for any other. */
  end(id: string): Promise<RunEnd> | undefined {
    return this.#ends.get(id);
  }

  /** Cancels what is at work and waits until it has stopped. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new SafehouseError("cancelled", "Safehouse was stopped"));
    await Promise.all(this.#atWork);
  }

  #remember(id: string, end: Promise<RunEnd>): void {
    this.#ends.set(id, end);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > keptResults && oldest !== undefined) this.#ends.delete(oldest);
  }
}

function neverBegun(end: RunEnd): never {
  throw end.kind === "failed" ? end.error : new Error("Work ended without a run");
}
