import type { Run, Step } from "../model/run.ts";

/**
 * Number of the step that has to be done before another may begin; undefined for the first. It is the step
 * before it at the same location, else the one that makes: so a location's failure touches its own steps
 * alone.
 */
export function neededStep(steps: readonly Step[], number: number): number | undefined {
  if (number === 0) return undefined;
  const location = steps[number]?.location;
  const before = steps.findLastIndex((step, at) => at < number && step.location === location);
  return Math.max(before, 0);
}

/** True if the step that has to be done before this one is done. */
export function hasWhatItNeeds({ steps }: Run, number: number): boolean {
  const needed = neededStep(steps, number);
  return needed === undefined || steps[needed]?.state === "done";
}
