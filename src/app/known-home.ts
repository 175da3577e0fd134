import { defaultLongestAge } from "#core/alerts/default-longest-age.ts";
import type { KnownHome, KnownPlan } from "#core/alerts/gather-facts.ts";
import type { Part } from "#core/model/part.ts";
import type { PlanRun } from "#core/model/plan-record.ts";
import type { StepError } from "#core/model/run.ts";
import { recordOf } from "#core/plan/plan-record.ts";
import { planSeed } from "#core/plan/plan-seed.ts";
import type { Clock } from "#core/ports.ts";
import type { HomeLocations } from "#jobs/locations/home-locations.ts";
import { rememberedCopies } from "#jobs/locations/remembered-copies.ts";
import type { HomePlans } from "#jobs/plan/home-plans.ts";
import type { RunJournal } from "#jobs/run-journal-port.ts";
import { stepErrorOf } from "#jobs/runs/step-error.ts";
import type { KeyRing, KeyRingStore } from "#keys/key-ring-port.ts";

export interface KnownHomeTools {
  /** Id of the home. */
  readonly home: string;
  readonly journal: RunJournal;
  readonly keyRing: KeyRingStore;
  readonly plans: HomePlans;
  readonly locations: HomeLocations;
  /** What others brought and what somebody has to look at, by location. */
  readonly failedArrivals: () => Promise<KnownHome["arrivals"]>;
  /** What the home has now; rejects if it cannot be looked at. */
  readonly parts: () => Promise<readonly Part[]>;
  readonly clock: Clock;
}

/** What can be found out of a home without asking a location. Never rejects: what cannot be read is told. */
export async function knownHome(tools: KnownHomeTools): Promise<KnownHome> {
  const { home, journal, keyRing, plans, locations } = tools;
  const unreadable: (StepError & { readonly what: string })[] = [];
  const read = async <Result>(
    what: string,
    work: () => Promise<Result>,
  ): Promise<Result | undefined> => {
    try {
      return await work();
    } catch (error) {
      unreadable.push({ what, ...stepErrorOf(error) });
      return undefined;
    }
  };
  const known = await read("settings", () => knownPlans(tools));
  const records = await read("settings of locations", () => locations.list());
  const ring = await read("key ring", () => keyRing.read());
  const runs = await read("journal of runs", () => journal.list(home));
  const copies = await read("catalogue", async () =>
    rememberedCopies(locations, await plans.installation()),
  );
  const arrivals = await read("inbox", tools.failedArrivals);
  return {
    plans: known,
    runs,
    copies,
    arrivals,
    locationNames: new Map((records ?? []).map(({ id, name }) => [id, name])),
    parts: await partsOf(tools),
    key: ring && currentKey(ring),
    stoppedPrunes: undefined,
    unreadable,
  };
}

async function knownPlans({ plans, clock }: KnownHomeTools): Promise<readonly KnownPlan[]> {
  const { store, records } = plans;
  const now = clock.now();
  const installation = await plans.installation();
  const known: KnownPlan[] = [];
  for (const { plan } of (await store.read()).plans) {
    const { since, lastRun } = recordOf(plan, await records.read(plan.id), now);
    const longestAgeInMs = defaultLongestAge(plan.schedule, now, planSeed(installation, plan.id));
    known.push({ plan, since, longestAgeInMs, notBegun: notBegun(lastRun) });
  }
  return known;
}

function notBegun(run: PlanRun | undefined): KnownPlan["notBegun"] {
  if (run?.state !== "failed" || run.message === undefined) return undefined;
  return { at: run.startedAt, failures: run.failures, message: run.message };
}

/** A home that nobody has set up yet has no parts that a plan could leave out. */
async function partsOf({ parts }: KnownHomeTools): Promise<readonly Part[] | undefined> {
  try {
    return await parts();
  } catch {
    // What keeps a backup from being made is told by its run.
    return undefined;
  }
}

function currentKey({ current, keys }: KeyRing): KnownHome["key"] {
  const key = keys.find(({ id }) => id === current);
  if (key === undefined) return null;
  const { id, name, madeAt, provenAt } = key;
  return { id, name, madeAt: Date.parse(madeAt), isProven: provenAt !== undefined };
}
