import assert from "node:assert/strict";
import { test } from "node:test";
import { dailyCopies, keptOf, now, removedOf, ruleOf, slugsOf } from "#test/retention-cases.ts";
import { brakePrune } from "./brake-prune.ts";
import { decideForPlan } from "./decide-for-plan.ts";

const start = "2026-01-01T03:00[Europe/Berlin]";
const named = (plan: string | undefined, count: number) =>
  dailyCopies(count, start, { plan }).map((copy) => ({ ...copy, slug: `${plan} ${copy.slug}` }));

test("a plan's rule touches its own backups and nobody else's", () => {
  const copies = [...named("nightly", 3), ...named("weekly", 3), ...named(undefined, 3)];
  const decisions = decideForPlan(ruleOf({ copies: 1 }), copies, { now, plan: "nightly" });
  assert.deepEqual(slugsOf(removedOf(decisions)), ["nightly day 1", "nightly day 2"]);
  assert.equal(keptOf(decisions).length, 7);
  const others = decisions.filter(({ copy }) => copy.plan !== "nightly");
  assert.ok(others.every(({ reasons }) => reasons.some(({ kind }) => kind === "left-alone")));
});

test("backups that a person made do not expire by the rule of a plan, as in Home Assistant", () => {
  const decisions = decideForPlan(ruleOf({ copies: 1 }), named(undefined, 10), {
    now,
    plan: "nightly",
  });
  assert.deepEqual(removedOf(decisions), []);
});

test("backups of others do not count where the brake asks for half", () => {
  const copies = [...named("nightly", 3), ...named("weekly", 100)];
  const decisions = decideForPlan(ruleOf({ copies: 1 }), copies, { now, plan: "nightly" });
  const stop = brakePrune(decisions, { atMost: 10 });
  assert.deepEqual([stop?.because, stop?.touchable], [["more-than-half"], 3]);
});
