import type { Run, Step, StepError } from "../model/run.ts";
import { runState } from "../run/run-state.ts";

/** What the runs of a plan have come to lately. */
export interface PlanFailures {
  /** How many runs in a row, up to the last that ended, made no good backup; cancelled ones do not count. */
  readonly failures: number;
  /** Why the last of them failed. */
  readonly error: StepError | undefined;
  /** By id of the location. */
  readonly locations: ReadonlyMap<string, LocationFailures>;
}

export interface LocationFailures {
  /** How many runs in a row that made a good backup elsewhere brought none to this location. */
  readonly failures: number;
  readonly error: StepError | undefined;
  /** Why the last prune of the location failed; undefined if it did not. */
  readonly pruneError: StepError | undefined;
}

/**
 * Reads failures off the journal. A run that has not ended counts for nothing yet: what it has not done it may
 * still do. Cancelled runs say nothing about the home either.
 * @param runs newest first, as the journal lists them
 */
export function failuresOfPlan(plan: string, runs: readonly Run[]): PlanFailures {
  const ended = runs.filter(
    (run) =>
      run.trigger.kind === "plan" &&
      run.trigger.plan === plan &&
      run.ended !== undefined &&
      runState(run) !== "cancelled",
  );
  // Those that only deliver or prune say nothing of whether a backup can be made.
  const making = ended.filter(({ steps }) => steps[0]?.kind === "make");
  const failed = leading(making, (run) => runState(run) === "failed");
  const good = ended.filter((run) => !making.includes(run) || runState(run) !== "failed");
  const locations = new Set(making[0]?.steps.map(({ location }) => location));
  const at = (location: string): LocationFailures => ({
    ...missedAt(location, good),
    pruneError: pruneErrorAt(location, ended),
  });
  return {
    failures: failed.length,
    error: failed[0] && firstError(failed[0].steps),
    locations: new Map(Array.from(locations, (location) => [location, at(location)])),
  };
}

/** Runs that failed as a whole are told as such and say nothing new of a location. */
function missedAt(
  location: string,
  good: readonly Run[],
): Pick<LocationFailures, "failures" | "error"> {
  const copying = good
    .map((run) => stepsAt(location, run).filter(({ kind }) => kind !== "prune"))
    .filter((steps) => steps.length > 0);
  const missed = leading(copying, (steps) => steps.some(({ state }) => state !== "done"));
  return { failures: missed.length, error: missed[0] && firstError(missed[0]) };
}

/** A prune that never began leaves open whether the next one would succeed. */
function pruneErrorAt(location: string, ended: readonly Run[]): StepError | undefined {
  const prunes = ended
    .flatMap((run) => stepsAt(location, run))
    .filter(({ kind, state }) => kind === "prune" && (state === "done" || state === "failed"));
  return prunes[0]?.state === "failed" ? prunes[0].error : undefined;
}

function stepsAt(location: string, { steps }: Run): readonly Step[] {
  return steps.filter((step) => step.location === location);
}

function firstError(steps: readonly Step[]): StepError | undefined {
  return steps.find(({ state }) => state === "failed")?.error;
}

/** The items before the first that does not fit. */
function leading<Item>(items: readonly Item[], fits: (item: Item) => boolean): readonly Item[] {
  const end = items.findIndex((item) => !fits(item));
  return end < 0 ? items : items.slice(0, end);
}
