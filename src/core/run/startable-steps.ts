import type { Run } from "../model/run.ts";
import { hasWhatItNeeds } from "./needed-step.ts";
import { runAhead } from "./run-ahead.ts";

/**
 * Numbers of the steps that may begin now. What is needed is done, a pause before another attempt is over,
 * and of all runs of a home one makes at a time; everything else goes on side by side.
 * @param open runs of the same home that have not ended
 * @param now milliseconds since 1970
 */
export function startableSteps(run: Run, open: readonly Run[], now: number): readonly number[] {
  return run.steps.flatMap((step, number) => {
    const waits = step.state === "waiting-to-retry" && (step.retryAt ?? 0) <= now;
    if (step.state !== "queued" && !waits) return [];
    if (step.kind === "make") return runAhead(run, open, now) === undefined ? [number] : [];
    return hasWhatItNeeds(run, number) ? [number] : [];
  });
}
