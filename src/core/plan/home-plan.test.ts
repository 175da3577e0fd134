import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHomePlan } from "./home-plan.ts";

const weekly = {
  id: "weekly",
  name: "Weekly",
  selection: { include: "everything" },
  schedule: { recurrence: "weekdays", days: ["sun"], time: "03:00", zone: "America/New_York" },
};

function ruleOf(retention: unknown, plan: object = weekly) {
  return parseHomePlan({ ...plan, locations: [{ location: "nas", retention }] }).locations[0]
    ?.retention;
}

test("a rule takes its time zone and the pauses of its plan from the schedule", () => {
  const rule = ruleOf({ days: 60 });
  assert.equal(rule?.zone, "America/New_York");
  assert.equal(rule?.longestPauseInHours, 7 * 24 + 1, "days of a weekly plan are days");
});

test("what a rule states itself counts", () => {
  const rule = ruleOf({ days: 60, zone: "Europe/Berlin", longestPauseInHours: 30 });
  assert.deepEqual([rule?.zone, rule?.longestPauseInHours], ["Europe/Berlin", 30]);
});

test("a rule of a plan without a schedule has to say its time zone", () => {
  const { schedule: _, ...onRequest } = weekly;
  assert.throws(() => ruleOf({ copies: 7 }, onRequest), {
    problem: "usage",
    message: /^At location nas: .*zone/u,
  });
  assert.equal(ruleOf({ copies: 7, zone: "UTC" }, onRequest)?.copies, 7);
});

test("a fault in a rule names the location, and no rule keeps everything", () => {
  assert.throws(() => ruleOf({ copeis: 7 }), { problem: "usage", message: /nas.*copeis/u });
  assert.throws(() => ruleOf([]), { problem: "usage", message: /nas/u });
  assert.equal(ruleOf(undefined), undefined);
});
