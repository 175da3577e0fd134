import { StorageError } from "../errors.ts";
import { settledOrAborted } from "../interruptible.ts";

/** Calls back once after that time; the result takes it back. */
export type StartTimer = (milliseconds: number, callback: () => void) => () => void;

export interface StallTools {
  /** How long a place may show no progress at all. */
  readonly limitInMs: number;
  readonly startTimer: StartTimer;
}

/**
 * Ends work at a place that has stopped answering. Time counts only while the place is to act: between
 * `run`'s beginning and its end, or `arm` and `disarm`.
 */
export class StallWatch {
  readonly #tools: StallTools;
  readonly #stalled = new AbortController();
  /** Aborted by the caller's signal, and by a stall with an `unreachable`. */
  readonly signal: AbortSignal;
  #stopTimer: (() => void) | undefined;

  constructor(tools: StallTools, signal: AbortSignal) {
    this.#tools = tools;
    this.signal = AbortSignal.any([signal, this.#stalled.signal]);
  }

  arm(): void {
    this.disarm();
    this.#stopTimer = this.#tools.startTimer(this.#tools.limitInMs, () => {
      const seconds = Math.round(this.#tools.limitInMs / 1000);
      this.#stalled.abort(new StorageError("unreachable", `No progress for ${seconds} seconds`));
    });
  }

  /** Begins the time anew, if it counts at all. */
  moved(): void {
    if (this.#stopTimer !== undefined) this.arm();
  }

  disarm(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** One step of the place. Rejects when it stalls, also if the place does not heed its signal. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.arm();
    try {
      return await settledOrAborted(work(), this.signal);
    } finally {
      this.disarm();
    }
  }
}
