import type { Run, Step } from "../model/run.ts";

/**
 * Number of the step that has to be done before another may begin; undefined if it needs none. It is the step
 * before it at the same location, else the one that makes, if the run has one: so a location's failure
 * touches its own steps alone.
 */
export function neededStep(steps: readonly Step[], number: number): number | undefined {
  const location = steps[number]?.location;
  const before = steps.findLastIndex((step, at) => at < number && step.location === location);
  if (before >= 0) return before;
  return number > 0 && steps[0]?.kind === "make" ? 0 : undefined;
}

/** True if the step that has to be done before this one is done. */
export function hasWhatItNeeds({ steps }: Run, number: number): boolean {
  const needed = neededStep(steps, number);
  return needed === undefined || steps[needed]?.state === "done";
}
