import assert from "node:assert/strict";
import { test } from "node:test";
import { someOwner } from "#test/any-run.ts";
import type { Run } from "../model/run.ts";
import { advanceRun } from "./advance-run.ts";
import { canGoOn } from "./can-go-on.ts";
import { newRun } from "./new-run.ts";
import { newRunAlone } from "./new-run-alone.ts";

const backup = { slug: "5f0db21c", name: "Night", fileName: "Night.tar" };
const wish = { home: "home", id: "1".repeat(32), owner: someOwner, created: 0 };
const ofPlan = { kind: "plan", plan: "nightly" } as const;
const manual = { kind: "manual" } as const;

function backupRun(trigger: Run["trigger"], pruneAt: readonly string[] = []): Run {
  const order = { ...wish, trigger, makeAt: "here", deliverTo: ["nas"], verify: true, pruneAt };
  return newRun(order);
}

/** The run when its owner has died while it was at work on a step. */
function diedAt(run: Run, step: number, { made = false } = {}): Run {
  let before = advanceRun(run, { kind: "named", backup });
  for (let done = 0; done < step; done += 1) {
    before = advanceRun(before, { kind: "started", step: done, at: 1 });
    before = advanceRun(before, { kind: "done", step: done, at: 2 });
  }
  const at = advanceRun(before, { kind: "started", step, at: 3 });
  return advanceRun(at, { kind: "owner-died", at: 4, made, aftermath: {} });
}

test("a backup that is made goes on to its other locations", () => {
  assert.ok(canGoOn(diedAt(backupRun(manual), 1)));
  assert.ok(canGoOn(diedAt(backupRun(manual), 2)));
  assert.ok(canGoOn(diedAt(backupRun(ofPlan, ["here", "nas"]), 2)));
  assert.ok(canGoOn(diedAt(backupRun(manual), 0, { made: true })), "it appeared just before");
});

test("a backup that was not made, and one that somebody wants ended, do not go on", () => {
  assert.ok(!canGoOn(diedAt(backupRun(manual), 0)));
  assert.ok(!canGoOn(advanceRun(backupRun(manual), { kind: "cancel-asked", at: 5 })));
  const delivering = diedAt(backupRun(manual), 2);
  assert.ok(!canGoOn(advanceRun(delivering, { kind: "cancel-asked", at: 5 })));
  assert.ok(!canGoOn(advanceRun(delivering, { kind: "abandoned", at: 5 })));
});

test("what a person was told to wait for is not done behind their back", () => {
  assert.ok(!canGoOn(diedAt(backupRun(manual, ["nas"]), 2)), "a rule that only its command knew");
  for (const kind of ["restore", "verify", "reencrypt"] as const)
    assert.ok(!canGoOn(diedAt(newRunAlone(kind, { ...wish, location: "here", backup }), 0)), kind);
});
