import type { VerifyReport } from "#archive/verify/verify-report.ts";
import type { Run, Step, StepError } from "#core/model/run.ts";
import type { DecidedCopy } from "../prune/decide-prune.ts";
import type { CopySteps } from "./copy-steps.ts";

/** What became of the copy of a backup at one location. */
export interface CopyOutcome {
  readonly location: string;
  /**
   * `verified`: it is there and was read back. `unverified`: it is there and was not read back, or could not
   * be. `damaged`: it was there before, and is damaged. `missing`: it is not there.
   */
  readonly state: "verified" | "unverified" | "damaged" | "missing";
  readonly verdict: VerifyReport["verdict"] | undefined;
  /** Slugs of the backups that were removed because their time was up; undefined if no rule was applied. */
  readonly pruned: readonly string[] | undefined;
  /** Why the step failed that went wrong there; undefined if none did. */
  readonly error: StepError | undefined;
}

/** What a run has come to at each of its locations. */
export function copyOutcomes({ steps }: Run, work: CopySteps): readonly CopyOutcome[] {
  const locations = [...new Set(steps.map(({ location }) => location))];
  return locations.map((location) => {
    const own = steps.filter((step) => step.location === location);
    const failed = own.find(({ state }) => state !== "done" && state !== "skipped");
    return {
      location,
      state: stateOf(own, location, work),
      verdict: work.verified.get(location)?.verdict,
      pruned: work.pruned.get(location)?.removed.map(slugOf),
      error: failed?.error,
    };
  });
}

function stateOf(own: readonly Step[], location: string, work: CopySteps): CopyOutcome["state"] {
  const isDone = (...kinds: readonly string[]): boolean =>
    own.find(({ kind }) => kinds.includes(kind))?.state === "done";
  // What is there may have to wait until it goes on from there.
  const arrived = isDone("make", "deliver") || work.arrivals.has(location);
  const verify = own.find(({ kind }) => kind === "verify");
  const isBad = verify?.state !== "done" && verify?.error?.problem === "damaged";
  if (!arrived || (isBad && work.isNewAt(location))) return "missing";
  if (isBad) return "damaged";
  return isDone("verify") ? "verified" : "unverified";
}

/** Where copies are, as the end of a sentence; undefined if there is none. */
export function whatIsLeft(slug: string, outcomes: readonly CopyOutcome[]): string | undefined {
  const there = outcomes.filter(({ state }) => state !== "missing");
  if (there.length === 0) return undefined;
  const places = there.map(
    ({ location, state }) =>
      `at ${location} (${state === "verified" ? "read back" : "not read back"})`,
  );
  return `backup ${slug} is ${places.join(" and ")}`;
}

function slugOf({ copy }: DecidedCopy): string {
  return copy.slug;
}
