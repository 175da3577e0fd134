import { SafehouseError } from "#core/model/problem.ts";
import { runState } from "#core/run/run-state.ts";
import type { RunOutcome } from "./execute-run.ts";

/**
 * Throws if a run has come to nothing: what the first step rejected with that failed, or `cancelled`. A run that
 * is `incomplete` has come to something.
 * @param signal what its process was to stop by
 * @param left what a cancel has left, as the end of a sentence
 */
export function throwIfFailed(
  { run, errors }: RunOutcome,
  { signal, left }: { readonly signal: AbortSignal; readonly left: string },
): void {
  const state = runState(run);
  const ended = (how: string): SafehouseError =>
    new SafehouseError("cancelled", `The run was ${how}; ${left}`);
  if (state === "cancelled" && !signal.aborted) throw ended("cancelled by another command");
  const [failure] = errors;
  if (failure !== undefined && state !== "incomplete") throw failure[1];
  signal.throwIfAborted();
  if (state !== "done" && state !== "incomplete")
    throw ended("ended by another process, which took this one for dead");
}
