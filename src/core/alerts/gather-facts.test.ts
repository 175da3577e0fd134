import assert from "node:assert/strict";
import { test } from "node:test";
import type { CopyFacts } from "#core/model/copy.ts";
import type { Run, StepState } from "#core/model/run.ts";
import { newRun } from "#core/run/new-run.ts";
import { parseSchedule } from "#core/schedule/parse-schedule.ts";
import { day, hour, someError, someTime } from "#test/alert-facts.ts";
import { someOwner } from "#test/any-run.ts";
import { defaultLongestAge } from "./default-longest-age.ts";
import { findAlerts } from "./find-alerts.ts";
import { gatherFacts, type KnownHome } from "./gather-facts.ts";

const nightly = {
  id: "nightly",
  name: "Nightly",
  enabled: true,
  selection: { include: "everything", except: ["media"], database: true },
  locations: [{ location: "nas", retention: undefined }],
  verify: true,
} as const;

const known: KnownHome = {
  plans: [{ plan: nightly, since: someTime - 100 * day, longestAgeInMs: 2 * day }],
  runs: [],
  copies: new Map([["nas", [copyOf({})]]]),
  locationNames: new Map([["nas", "the NAS"]]),
  parts: [{ kind: "homeassistant" }],
  key: null,
  stoppedPrunes: [],
  arrivals: new Map(),
  unreadable: [],
};

function copyOf(facts: Partial<CopyFacts>): CopyFacts {
  return {
    slug: "aa",
    date: someTime,
    owner: "this",
    pinned: false,
    state: "present",
    verification: "proven",
    plan: "nightly",
    ...facts,
  };
}

function runOf(state: StepState, created: number): Run {
  const run = newRun({
    home: "home",
    id: "0".repeat(32),
    trigger: { kind: "plan", plan: "nightly" },
    owner: someOwner,
    created,
    makeAt: "nas",
    deliverTo: [],
    verify: false,
    pruneAt: [],
  });
  const error = state === "failed" ? someError : undefined;
  const ended = state === "running" ? undefined : created + hour;
  return { ...run, steps: run.steps.map((step) => ({ ...step, state, error })), ended };
}

/** Ids of the alerts three hours after the last good copy. */
function alerts(change: Partial<KnownHome>, now = someTime + 3 * hour): string[] {
  const found = findAlerts(gatherFacts({ ...known, ...change }), now);
  return Object.values(found).flatMap((list) => (list ?? []).map(({ id }) => id));
}

test("a home with a good copy at each location and every part in a plan has no alert", () => {
  assert.deepEqual(alerts({}), []);
});

test("only own copies of the plan that were verified are good", () => {
  const old = someTime - 10 * day;
  for (const wrong of [
    { owner: "other" },
    { plan: "weekly" },
    { verification: "unverified" },
    { state: "missing" },
    { waits: true },
  ] as const) {
    const copies = new Map([["nas", [copyOf({ date: old }), copyOf(wrong)]]]);
    assert.deepEqual(alerts({ copies }), ["copy-stale:nightly:nas"], JSON.stringify(wrong));
  }
});

test("a plan that does not verify takes copies as good that nobody has read", () => {
  const copies = new Map([["nas", [copyOf({ verification: "unverified" })]]]);
  const [plan] = known.plans ?? [];
  assert.ok(plan !== undefined);
  const plans = [{ ...plan, plan: { ...nightly, verify: false } }];
  assert.deepEqual(alerts({ copies, plans }), []);
});

test("what is known of no copy is made up for by the runs", () => {
  const copies = new Map();
  assert.deepEqual(alerts({ copies }), ["copy-stale:nightly:nas"]);
  assert.deepEqual(alerts({ copies, runs: [runOf("done", someTime)] }), []);
});

test("failures, damaged copies and uncovered parts are found; disabled plans are not", () => {
  const damaged = [copyOf({}), copyOf({ slug: "bb", verification: "failed" })];
  const change = {
    runs: [runOf("failed", someTime)],
    copies: new Map([["nas", damaged]]),
    parts: [{ kind: "homeassistant" }, { kind: "folder", name: "media" }],
  } as const;
  assert.deepEqual(alerts(change), ["run-failed:nightly", "uncovered", "copy-damaged::nas"]);
  const [plan] = known.plans ?? [];
  assert.ok(plan !== undefined);
  const plans = [{ ...plan, plan: { ...nightly, enabled: false } }];
  assert.deepEqual(alerts({ ...change, plans }), ["uncovered", "copy-damaged::nas"]);
});

test("what cannot be read is not known, and a run that is open is named", () => {
  const facts = gatherFacts({ ...known, runs: undefined, parts: undefined, copies: undefined });
  const { plans, copies, uncovered, damaged } = facts;
  assert.deepEqual(
    [plans, copies, uncovered, damaged],
    [undefined, undefined, undefined, undefined],
  );
  const { openRuns } = gatherFacts({ ...known, runs: [runOf("running", someTime)] });
  assert.deepEqual(openRuns, [{ plan: "nightly", locations: ["nas"] }]);
});

test("if nobody says how old a copy may be, it may miss its run by a day", () => {
  const age = (schedule: unknown): number | undefined =>
    defaultLongestAge(parseSchedule(schedule, "schedule"), someTime, "seed");
  const at = { time: "02:30", zone: "Europe/Berlin" };
  assert.equal(age({ recurrence: "daily", ...at }), 2 * day);
  assert.equal(age({ recurrence: "weekdays", days: ["mon", "fri"], ...at }), 5 * day);
  // A year by months meets the longest month, and the hour that is given back in October.
  assert.equal(age({ recurrence: "monthly", day: 1, ...at }), 32 * day + hour);
  assert.equal(defaultLongestAge(undefined, someTime, "seed"), undefined);
});

test("a run that failed before anything of it was begun is told, until a later one is in the journal", () => {
  const notBegun = { at: someTime, failures: 3, message: "The folder /config cannot be opened" };
  const [plan] = known.plans ?? [];
  assert.ok(plan);
  const plans = [{ ...plan, notBegun }];
  const told = gatherFacts({ ...known, plans, runs: [runOf("done", someTime - hour)] });
  assert.equal(told.plans?.[0]?.failures, 3);
  assert.equal(told.plans?.[0]?.error?.message, notBegun.message);
  const later = gatherFacts({ ...known, plans, runs: [runOf("done", someTime + hour)] });
  assert.equal(later.plans?.[0]?.failures, 0);
});
