import type { Run, Step } from "../model/run.ts";

/**
 * `incomplete`: a good copy is at one location at least, but something else of it failed.
 * `failed`: there is no copy that could be called good; of a run that only prunes, that it did not.
 */
export type RunState = "queued" | "running" | "done" | "incomplete" | "failed" | "cancelled";

/** What a run has come to as a whole. */
export function runState({ steps }: Run): RunState {
  if (!steps.every(hasEnded)) {
    return steps.every(({ state }) => state === "queued") ? "queued" : "running";
  }
  if (steps.some(({ state }) => state === "cancelled")) return "cancelled";
  if (steps.every(({ state }) => state === "done")) return "done";
  const locations = new Set(steps.map(({ location }) => location));
  return [...locations].some((location) => hasGoodCopy(steps, location)) ? "incomplete" : "failed";
}

/** True if nothing more can become of a step. */
export function hasEnded({ state }: Step): boolean {
  return state === "done" || state === "failed" || state === "cancelled" || state === "skipped";
}

/** True if a copy arrived at a location and, where that was wanted, was verified. */
function hasGoodCopy(steps: readonly Step[], location: string): boolean {
  const ofCopy = steps.filter((step) => step.location === location && step.kind !== "prune");
  return ofCopy.length > 0 && ofCopy.every(({ state }) => state === "done");
}
