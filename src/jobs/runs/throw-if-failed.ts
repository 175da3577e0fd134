import { SafehouseError } from "#core/model/problem.ts";
import { runState } from "#core/run/run-state.ts";
import type { RunOutcome } from "./execute-run.ts";

/**
 * Throws if a run has come to nothing: what the first step rejected with that failed, or `cancelled`. A run that
 * is `incomplete` has come to something.
 * @param signal what its process was to stop by
 * @param left what a cancel has left, as the end of a sentence; undefined for nothing
 */
export function throwIfFailed(
  { run, errors }: RunOutcome,
  { signal, left }: { readonly signal: AbortSignal; readonly left: string | undefined },
): void {
  const state = runState(run);
  if (state === "done" || state === "incomplete") {
    signal.throwIfAborted();
    return;
  }
  const ended = (how: string): SafehouseError =>
    new SafehouseError("cancelled", `${how}; ${left ?? "nothing was left behind"}`);
  if (state === "cancelled" && !signal.aborted)
    throw ended("The run was cancelled by another command");
  if (state === "cancelled" && left !== undefined && isCancel(signal.reason))
    throw ended("Cancelled");
  const [failure] = errors;
  if (failure !== undefined) throw failure[1];
  signal.throwIfAborted();
  throw ended("The run was ended by another process, which took this one for dead");
}

/** Output that nobody takes any more is a reason of its own. */
function isCancel(reason: unknown): boolean {
  return reason instanceof SafehouseError && reason.problem === "cancelled";
}
