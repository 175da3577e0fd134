import assert from "node:assert/strict";
import { test } from "node:test";
import { someOwner } from "#test/any-run.ts";
import type { Run } from "../model/run.ts";
import { advanceRun } from "../run/advance-run.ts";
import { newRun } from "../run/new-run.ts";
import { mayDeliver } from "./may-deliver.ts";

const owed = { plan: "nightly", slug: "5f0db21c", from: ["here"], to: "nas" };
const backup = { slug: owed.slug, name: "Night", fileName: "Night.tar" };
const minute = 60_000;

function attempt(number: number, to = "nas"): Run {
  const run = newRun({
    home: "home",
    id: String(number).padStart(32, "0"),
    trigger: { kind: "plan", plan: "nightly" },
    owner: someOwner,
    created: 0,
    makeAt: undefined,
    backup,
    deliverTo: [to],
    verify: false,
    pruneAt: [],
  });
  return advanceRun(run, { kind: "started", step: 0, at: 0 });
}

function failed(number: number, at: number): Run {
  const error = { problem: "unreachable", message: "It does not answer" } as const;
  return advanceRun(attempt(number), { kind: "failed", step: 0, at, error, retryAt: undefined });
}

test("the first attempt is made at once, and none while another is under way to that location", () => {
  assert.ok(mayDeliver(owed, [], 0));
  assert.ok(!mayDeliver(owed, [attempt(1)], 0));
  assert.ok(mayDeliver(owed, [attempt(1, "cloud")], 0), "other locations are no matter");
});

test("pauses grow with each attempt that failed, up to six hours", () => {
  assert.ok(!mayDeliver(owed, [failed(1, 0)], 14_000));
  assert.ok(mayDeliver(owed, [failed(1, 0)], minute));
  const many = Array.from({ length: 5 }, (_, number) => failed(number, 0));
  assert.ok(!mayDeliver(owed, many, 3 * minute));
  assert.ok(mayDeliver(owed, many, 8 * minute));
  const most = Array.from({ length: 60 }, (_, number) => failed(number, 0));
  assert.ok(!mayDeliver(owed, most, 2 * 60 * minute));
  assert.ok(mayDeliver(owed, most, 6 * 60 * minute));
});

test("what a person has cancelled is not begun again behind their back", () => {
  const asked = advanceRun(attempt(1), { kind: "cancel-asked", at: 1 });
  const cancelled = advanceRun(asked, { kind: "stopped", step: 0, at: 2 });
  assert.ok(!mayDeliver(owed, [cancelled], 100 * minute));
});

test("what had arrived is not brought back: somebody has removed it", () => {
  const done = advanceRun(attempt(1), { kind: "done", step: 0, at: 1 });
  assert.ok(!mayDeliver(owed, [done], 100 * minute));
  assert.ok(!mayDeliver(owed, [failed(2, 2), done], 100 * minute));
});

test("what only waits to go on is looked at again, whatever had become of its delivery", () => {
  const waiting = { ...owed, waits: true } as const;
  const done = advanceRun(attempt(1), { kind: "done", step: 0, at: 1 });
  assert.ok(mayDeliver(waiting, [done], 100 * minute));
  assert.ok(mayDeliver(waiting, [failed(1, 0)], minute));
  assert.ok(!mayDeliver(waiting, [attempt(1)], 100 * minute));
});
