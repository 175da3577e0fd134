import { SafehouseError } from "#core/model/problem.ts";
import type { Progress, ReportProgress } from "#core/ports.ts";
import type { StartTimer } from "./run-tools.ts";

/** How long a step may keep others waiting, in milliseconds. */
export interface StepLimits {
  /** Without any progress; there is no limit on the whole. */
  readonly stallInMs: number;
  /** From the moment on when it is asked to stop. */
  readonly stopInMs: number;
}

/** One attempt at a step. */
export interface StepAttempt {
  readonly limits: StepLimits;
  readonly startTimer: StartTimer;
  /** Fires when the run is cancelled. */
  readonly cancel: AbortSignal;
  readonly report: ReportProgress;
  /** @param signal fires on cancel and when the step stalls */
  readonly work: (signal: AbortSignal, report: ReportProgress) => Promise<void>;
}

export type AttemptResult =
  | { readonly kind: "done" }
  /** `left`: it did not heed its signal, and may still be at work. */
  | { readonly kind: "failed"; readonly error: unknown; readonly left: boolean };

/**
 * Tries a step once; never rejects. A step that stalls fails with `unreachable`. One that has been asked to
 * stop and does not is left alone, so that nobody waits for it.
 */
export async function attemptStep(attempt: StepAttempt): Promise<AttemptResult> {
  const { limits, startTimer, cancel } = attempt;
  const stalled = new AbortController();
  const signal = AbortSignal.any([cancel, stalled.signal]);
  const armed = (): (() => void) =>
    startTimer(limits.stallInMs, () => stalled.abort(noProgress(limits.stallInMs)));
  let disarm = armed();
  let last: Progress | undefined;
  const report = (progress: Progress): void => {
    if (last === undefined || isNew(progress, last)) {
      disarm();
      disarm = armed();
    }
    last = progress;
    attempt.report(progress);
  };
  const overdue = whenOverdue(signal, limits.stopInMs, startTimer);
  try {
    return await Promise.race([
      settled(() => attempt.work(signal, report), stalled.signal),
      overdue.promise,
    ]);
  } finally {
    disarm();
    overdue.stop();
  }
}

/** A stall is the cause of whatever the work then fails with. */
async function settled(work: () => Promise<void>, stalled: AbortSignal): Promise<AttemptResult> {
  try {
    await work();
    return { kind: "done" };
  } catch (error) {
    const cause: unknown = stalled.aborted ? stalled.reason : error;
    return { kind: "failed", error: cause, left: false };
  }
}

function whenOverdue(
  signal: AbortSignal,
  stopInMs: number,
  startTimer: StartTimer,
): { readonly promise: Promise<AttemptResult>; readonly stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<AttemptResult>();
  let stopTimer: (() => void) | undefined;
  const start = (): void => {
    stopTimer = startTimer(stopInMs, () =>
      resolve({ kind: "failed", error: signal.reason, left: true }),
    );
  };
  if (signal.aborted) start();
  else signal.addEventListener("abort", start, { once: true });
  const stop = (): void => {
    signal.removeEventListener("abort", start);
    stopTimer?.();
  };
  return { promise, stop };
}

function isNew(now: Progress, last: Progress): boolean {
  return now.bytes !== last.bytes || now.step !== last.step || now.part !== last.part;
}

function noProgress(milliseconds: number): SafehouseError {
  const minutes = milliseconds / 60_000;
  const time = minutes >= 1 ? `${Math.round(minutes)} minutes` : `${milliseconds / 1000} seconds`;
  return new SafehouseError("unreachable", `No progress for ${time}`, {
    advice: "Check the disks and the network that it works with",
  });
}
