import type { CopyFacts } from "../model/copy.ts";
import type { Part } from "../model/part.ts";
import { partName } from "../model/part.ts";
import type { Plan } from "../model/plan.ts";
import type { Run } from "../model/run.ts";
import { uncoveredParts } from "../plan/uncovered-parts.ts";
import type { AlertFacts, FailedArrivals, PlanCopyFacts, PlanFacts } from "./alert-facts.ts";
import { failuresOfPlan } from "./failures-of-plan.ts";

/** What is known of a home; undefined stands for what cannot be read at the moment. */
export interface KnownHome extends Pick<AlertFacts, "key" | "stoppedPrunes" | "unreadable"> {
  readonly plans: readonly KnownPlan[] | undefined;
  /** Newest first, as the journal lists them. */
  readonly runs: readonly Run[] | undefined;
  /**
   * By id of the location. Of one that cannot be reached what was last known; without that, what the runs tell has to
   * do, and it is not known whether copies there are damaged.
   */
  readonly copies: ReadonlyMap<string, readonly CopyFacts[]> | undefined;
  /** By id of the location. */
  readonly arrivals: ReadonlyMap<string, FailedArrivals["failed"]> | undefined;
  /** For people, by id; an id without a name stands for itself. */
  readonly locationNames: ReadonlyMap<string, string>;
  /** Those that the home has now. */
  readonly parts: readonly Part[] | undefined;
}

export interface KnownPlan {
  readonly plan: Pick<
    Plan<unknown>,
    "id" | "name" | "enabled" | "selection" | "locations" | "verify"
  >;
  /** When it was made or enabled, or its locations changed; milliseconds since 1970. */
  readonly since: number;
  /** So old may its last good copy at any location be, in milliseconds; undefined if nobody minds. */
  readonly longestAgeInMs: number | undefined;
  /** The last run, if it failed before anything of it stood in the journal. */
  readonly notBegun?: NotBegun | undefined;
}

/** A run that came to nothing at once, because the home, the key or a location was not there. */
export interface NotBegun {
  /** When it was to begin, in milliseconds since 1970. */
  readonly at: number;
  /** How many runs in a row have failed until then. */
  readonly failures: number;
  readonly message: string;
}

/** Brings what is known of a home into the shape that alerts are decided by. Plans that are disabled are left out. */
export function gatherFacts(home: KnownHome): AlertFacts {
  const { runs, copies, parts, key, stoppedPrunes, unreadable } = home;
  const plans = home.plans?.filter(({ plan }) => plan.enabled);
  const isReady = plans !== undefined && runs !== undefined;
  return {
    plans: isReady
      ? plans.map((known) => {
          const { plan } = known;
          const { failures, error } = lastFailures(known, runs);
          return { plan: plan.id, planName: plan.name, failures, error };
        })
      : undefined,
    copies: isReady ? plans.flatMap((plan) => copiesOf(plan, runs, home)) : undefined,
    uncovered: plans && parts && uncoveredIn(parts, plans),
    key,
    stoppedPrunes,
    damaged: copies && Array.from(copies, ([location, known]) => damagedAt(location, known, home)),
    arrivals:
      home.arrivals &&
      Array.from(home.arrivals, ([location, failed]) => ({
        location,
        locationName: nameOf(location, home),
        failed,
      })),
    unreadable,
    openRuns: (runs ?? [])
      .filter(({ ended }) => ended === undefined)
      .map(({ trigger, steps }) => ({
        plan: trigger.kind === "plan" ? trigger.plan : undefined,
        locations: [...new Set(steps.map(({ location }) => location))],
      })),
  };
}

/** What the journal tells, unless something has failed since that never came into it. */
function lastFailures(
  { plan, notBegun }: KnownPlan,
  runs: readonly Run[],
): Pick<PlanFacts, "failures" | "error"> {
  const isLater = ({ trigger, created }: Run): boolean =>
    trigger.kind === "plan" && trigger.plan === plan.id && created >= (notBegun?.at ?? 0);
  if (notBegun === undefined || runs.some(isLater)) return failuresOfPlan(plan.id, runs);
  const { failures, message } = notBegun;
  return { failures: Math.max(1, failures), error: { problem: "not-found", message } };
}

function copiesOf(known: KnownPlan, runs: readonly Run[], home: KnownHome): PlanCopyFacts[] {
  const { plan, since, longestAgeInMs } = known;
  const failed = failuresOfPlan(plan.id, runs);
  return plan.locations.map(({ location }) => {
    const { failures = 0, error, pruneError } = failed.locations.get(location) ?? {};
    return {
      plan: plan.id,
      planName: plan.name,
      location,
      locationName: nameOf(location, home),
      failures,
      error,
      pruneError,
      lastGood:
        lastGoodCopy(plan, home.copies?.get(location)) ?? lastGoodRun(plan.id, location, runs),
      since,
      longestAgeInMs,
    };
  });
}

/** A copy that was to be verified is good once it was. */
function lastGoodCopy(
  { id, verify }: KnownPlan["plan"],
  copies: readonly CopyFacts[] = [],
): number | undefined {
  const dates = copies
    .filter(({ owner, plan, state }) => owner === "this" && plan === id && state === "present")
    .filter(({ waits }) => waits !== true)
    .filter(
      ({ verification }) =>
        verification === "proven" ||
        verification === "readable" ||
        (verification === "unverified" && !verify),
    )
    .flatMap(({ date }) => date ?? []);
  return dates.length === 0 ? undefined : Math.max(...dates);
}

/** When the last run began of which everything at the location succeeded but, perhaps, the prune. */
function lastGoodRun(plan: string, location: string, runs: readonly Run[]): number | undefined {
  const good = runs.find(({ trigger, steps }) => {
    const here = steps.filter((step) => step.location === location && step.kind !== "prune");
    const isOfPlan = trigger.kind === "plan" && trigger.plan === plan;
    return isOfPlan && here.length > 0 && here.every(({ state }) => state === "done");
  });
  return good?.created;
}

function uncoveredIn(
  parts: readonly Part[],
  plans: readonly KnownPlan[],
): NonNullable<AlertFacts["uncovered"]> {
  const uncovered = uncoveredParts(
    parts,
    plans.map(({ plan }) => plan),
  );
  return { parts: uncovered.parts.map(partName), database: uncovered.database };
}

function damagedAt(location: string, copies: readonly CopyFacts[], home: KnownHome) {
  const slugs = copies
    .filter(({ owner }) => owner !== "other")
    .filter(({ state, verification }) => state === "damaged" || verification === "failed")
    .map(({ slug }) => slug);
  return { location, locationName: nameOf(location, home), slugs };
}

function nameOf(location: string, { locationNames }: KnownHome): string {
  return locationNames.get(location) ?? location;
}
