import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run, StepKind, StepState } from "#core/model/run.ts";
import { newRun } from "#core/run/new-run.ts";
import { someError } from "#test/alert-facts.ts";
import { someOwner } from "#test/any-run.ts";
import { failuresOfPlan } from "./failures-of-plan.ts";

type Outcomes = Readonly<Partial<Record<`${StepKind} ${string}`, StepState>>>;

/** A run of the plan `nightly`, made here and delivered to the NAS; what is not named is done. */
function runOf(outcomes: Outcomes, { plan = "nightly", ended = true } = {}): Run {
  const run = newRun({
    home: "home",
    id: "0".repeat(32),
    trigger: { kind: "plan", plan },
    owner: someOwner,
    created: 1,
    makeAt: "here",
    deliverTo: ["nas"],
    verify: true,
    pruneAt: ["here", "nas"],
  });
  const steps = run.steps.map((step) => {
    const state = outcomes[`${step.kind} ${step.location}`] ?? "done";
    return { ...step, state, error: state === "failed" ? someError : undefined };
  });
  return { ...run, steps, ended: ended ? 2 : undefined };
}

const nothingMade = runOf({
  "make here": "failed",
  "verify here": "skipped",
  "prune here": "skipped",
  "deliver nas": "skipped",
  "verify nas": "skipped",
  "prune nas": "skipped",
});
const notAtNas = runOf({
  "deliver nas": "failed",
  "verify nas": "skipped",
  "prune nas": "skipped",
});
const good = runOf({});

test("runs that made nothing count for the plan, and not for its locations", () => {
  const { failures, error, locations } = failuresOfPlan("nightly", [
    nothingMade,
    nothingMade,
    good,
  ]);
  assert.equal(failures, 2);
  assert.equal(error, someError);
  assert.equal(locations.get("nas")?.failures, 0);
});

test("a copy that did not arrive counts for its location alone", () => {
  const { failures, locations } = failuresOfPlan("nightly", [notAtNas, notAtNas, good, notAtNas]);
  assert.equal(failures, 0);
  assert.deepEqual(locations.get("nas"), { failures: 2, error: someError, pruneError: undefined });
  assert.equal(locations.get("here")?.failures, 0);
});

test("a failure of the whole does not make a dead location look mended", () => {
  const { locations } = failuresOfPlan("nightly", [nothingMade, notAtNas, good]);
  assert.equal(locations.get("nas")?.failures, 1);
});

test("a good run ends every failure", () => {
  const { failures, locations } = failuresOfPlan("nightly", [good, nothingMade, notAtNas]);
  assert.equal(failures, 0);
  assert.equal(locations.get("nas")?.failures, 0);
});

test("open, cancelled and other plans' runs say nothing", () => {
  const open = runOf({ "deliver nas": "running" }, { ended: false });
  const cancelled = runOf({ "deliver nas": "cancelled" });
  const { failures } = failuresOfPlan("nightly", [
    open,
    cancelled,
    runOf({}, { plan: "weekly" }),
    nothingMade,
  ]);
  assert.equal(failures, 1);
});

test("a prune that failed is told until one succeeds, also over runs that did not come so far", () => {
  const unpruned = runOf({ "prune nas": "failed" });
  const pruneErrorAfter = (...runs: Run[]) =>
    failuresOfPlan("nightly", runs).locations.get("nas")?.pruneError;
  assert.equal(pruneErrorAfter(unpruned, good), someError);
  assert.equal(pruneErrorAfter(notAtNas, unpruned), someError);
  assert.equal(pruneErrorAfter(good, unpruned), undefined);
});

test("a plan that never ran has failed nowhere", () => {
  assert.deepEqual(failuresOfPlan("nightly", []), {
    failures: 0,
    error: undefined,
    locations: new Map(),
  });
});
