import assert from "node:assert/strict";
import { test } from "node:test";
import type { LastRun } from "./due-run.ts";
import { comingRuns } from "./coming-runs.ts";
import { parseHomePlan } from "./home-plan.ts";

const nightly = {
  id: "nightly",
  name: "Nightly",
  selection: { include: "everything" },
  schedule: { recurrence: "daily", time: "04:00", zone: "UTC" },
};
const now = Date.parse("2026-05-02T12:00Z");

function coming(lastRun: LastRun | undefined, more: object = {}) {
  const history = { since: Date.parse("2026-05-01T12:00Z"), lastRun, seed: "home/nightly" };
  return comingRuns(parseHomePlan({ ...nightly, ...more }), history, { now, count: 3 }).map(
    ({ at, reason }) => `${new Date(at).toISOString().slice(5, 16)} ${reason}`,
  );
}

test("the runs to come go by the schedule", () => {
  const lastRun = { state: "succeeded", startedAt: Date.parse("2026-05-02T04:00Z") } as const;
  assert.deepEqual(coming(lastRun), [
    "05-03T04:00 scheduled",
    "05-04T04:00 scheduled",
    "05-05T04:00 scheduled",
  ]);
});

test("what was missed comes first, and so does a retry", () => {
  assert.deepEqual(coming(undefined).slice(0, 2), ["05-02T12:00 missed", "05-03T04:00 scheduled"]);
  const startedAt = Date.parse("2026-05-02T11:50Z");
  const endedAt = startedAt + 5 * 60_000;
  const failed = { state: "failed", startedAt, endedAt, failures: 1 } as const;
  assert.deepEqual(coming(failed).slice(0, 2), ["05-02T12:05 retry", "05-03T04:00 scheduled"]);
});

test("while it runs the next ones are told, and nothing for a plan that does not run by itself", () => {
  const running = { state: "running", startedAt: now } as const;
  assert.equal(coming(running)[0], "05-03T04:00 scheduled");
  assert.deepEqual(coming(undefined, { enabled: false }), []);
  assert.deepEqual(coming(undefined, { schedule: null }), []);
});
