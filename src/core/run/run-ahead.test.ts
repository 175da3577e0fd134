import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import type { Run } from "../model/run.ts";
import { advanceRun } from "./advance-run.ts";
import { runAhead } from "./run-ahead.ts";
import { anyMakingRun, anyRunWithoutMake } from "#test/any-run.ts";
import { startableSteps } from "./startable-steps.ts";

const numRuns = loops(300);
const anyRuns = fc.uniqueArray(anyMakingRun, {
  selector: ({ id }) => id,
  minLength: 1,
  maxLength: 6,
});

function isMaking({ steps }: Run): boolean {
  return steps[0]?.state === "running";
}

test("of all runs of a home one makes at a time, and all get their turn, the oldest first", () => {
  const property = fc.property(anyRuns, fc.infiniteStream(fc.nat()), (runs, choices) => {
    const open = new Map(runs.map((run) => [run.id, run]));
    const made: Run[] = [];
    while (open.size > 0) {
      const all = [...open.values()];
      const run = all[(choices.next().value ?? 0) % all.length];
      assert.ok(run !== undefined);
      const next = isMaking(run)
        ? advanceRun(run, { kind: "done", step: 0, at: 1 })
        : startableSteps(run, all, 1)
            .filter((step) => step === 0)
            .reduce((now, step) => advanceRun(now, { kind: "started", step, at: 1 }), run);
      open.set(run.id, next);
      assert.ok([...open.values()].filter(isMaking).length <= 1);
      if (next.steps[0]?.state === "done") {
        open.delete(run.id);
        made.push(run);
      }
    }
    const order = made.map(({ created }) => created);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
  });
  fc.assert(property, { numRuns });
});

test("of those that wait exactly one may make, unless another one does", () => {
  const property = fc.property(anyRuns, (runs) => {
    const first = runs.filter((run) => runAhead(run, runs, 1) === undefined);
    assert.equal(first.length, 1);
  });
  fc.assert(property, { numRuns });
});

test("a run that pauses before another attempt lets others pass, and has its place again afterwards", () => {
  const property = fc.property(anyMakingRun, anyMakingRun, (one, two) => {
    fc.pre(one.id !== two.id);
    const error = { problem: "unreachable", message: "The place does not answer" } as const;
    const older = { ...one, created: 1 };
    const younger = { ...two, created: 2 };
    const begun = advanceRun(older, { kind: "started", step: 0, at: 3 });
    const pausing = advanceRun(begun, { kind: "failed", step: 0, at: 4, error, retryAt: 10 });
    assert.equal(runAhead(younger, [begun, younger], 4)?.id, older.id);
    assert.equal(runAhead(younger, [pausing, younger], 9), undefined);
    assert.equal(runAhead(younger, [pausing, younger], 10)?.id, older.id);
  });
  fc.assert(property, { numRuns: 20 });
});

test("a run that makes nothing waits for nobody, and nobody waits for it", () => {
  const property = fc.property(anyMakingRun, anyRunWithoutMake, (making, other) => {
    fc.pre(making.id !== other.id);
    const at = 9000;
    const begun = startableSteps(other, [making, other], at).reduce(
      (now, step) => advanceRun(now, { kind: "started", step, at }),
      other,
    );
    assert.ok(begun.steps.some(({ state }) => state === "running"));
    assert.equal(runAhead(making, [begun, making], at), undefined);
    assert.equal(runAhead(making, [{ ...other, created: -1 }, making], at), undefined);
  });
  fc.assert(property, { numRuns });
});
