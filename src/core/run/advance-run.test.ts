import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import type { Run, Step } from "../model/run.ts";
import { advanceRun } from "./advance-run.ts";
import { hasWhatItNeeds, neededStep } from "./needed-step.ts";
import { newRun } from "./new-run.ts";
import { hasEnded, runState } from "./run-state.ts";
import { anyEvents, anyRun, someOwner } from "#test/any-run.ts";
import { startableSteps } from "./startable-steps.ts";

const numRuns = loops(300);
const error = { problem: "damaged", message: "Bytes are not what was written" } as const;
const died = {
  kind: "owner-died",
  at: 9000,
  aftermath: { here: "its leftovers were removed" },
} as const;

function planned(deliverTo: readonly string[] = []): Run {
  const trigger = { kind: "plan", plan: "nightly" } as const;
  const id = "0".repeat(32);
  const where = { home: "home", makeAt: "here", deliverTo };
  const after = { verify: true, pruneAt: ["here", ...deliverTo] };
  return newRun({ ...where, ...after, id, trigger, owner: someOwner, created: 1 });
}

/** Begins and ends everything that can be; `fails` says which steps do not succeed. */
function carriedOut(run: Run, fails: (step: Step, number: number) => boolean): Run {
  let now = run;
  for (let round = 0; now.ended === undefined; round += 1) {
    assert.ok(round <= run.steps.length, "a run comes to its end");
    for (const step of startableSteps(now, [now], Infinity))
      now = advanceRun(now, { kind: "started", step, at: 9000 });
    for (const [number, step] of now.steps.entries()) {
      if (step.state !== "running") continue;
      now = advanceRun(
        now,
        fails(step, number)
          ? { kind: "failed", step: number, at: 9000, error, retryAt: undefined }
          : { kind: "done", step: number, at: 9000 },
      );
    }
  }
  return now;
}

test("whatever happens to a run, it can be brought to its end, and its end is true", () => {
  const property = fc.property(anyRun, anyEvents, fc.nat(), (run, events, failing) => {
    const somewhere = events.reduce(advanceRun, run);
    const ended = carriedOut(somewhere, (_, number) => ((failing >> number) & 1) === 1);
    const states = ended.steps.map(({ state }) => state);
    const state = runState(ended);
    assert.ok(ended.steps.every(hasEnded));
    assert.equal(
      state === "done",
      states.every((one) => one === "done"),
    );
    assert.equal(state === "cancelled", states.includes("cancelled"));
    if (run.steps[0]?.kind !== "make") return;
    if (states[0] === "failed" && ended.cancelAsked === undefined) assert.equal(state, "failed");
    if (state === "incomplete") assert.equal(states[0], "done");
  });
  fc.assert(property, { numRuns });
});

test("a step begins only when what it needs is done, whatever is said to have happened", () => {
  const property = fc.property(anyRun, anyEvents, (run, events) => {
    const now = events.reduce(advanceRun, run);
    for (const [number, { attempts, kind }] of now.steps.entries()) {
      if (attempts > 0) assert.ok(hasWhatItNeeds(now, number), kind);
    }
  });
  fc.assert(property, { numRuns });
});

test("nothing begins once somebody has asked for the end", () => {
  const property = fc.property(anyRun, anyEvents, anyEvents, (run, before, after) => {
    const asked = advanceRun(before.reduce(advanceRun, run), { kind: "cancel-asked", at: 9000 });
    const now = after.reduce(advanceRun, asked);
    const attempts = ({ steps }: Run): number[] => steps.map((step) => step.attempts);
    assert.deepEqual(attempts(now), attempts(asked));
    assert.deepEqual(startableSteps(now, [now], Infinity), []);
  });
  fc.assert(property, { numRuns });
});

test("what has ended never changes", () => {
  const property = fc.property(anyRun, anyEvents, (run, events) => {
    let now = run;
    for (const event of events) {
      const next = advanceRun(now, event);
      for (const [number, step] of now.steps.entries())
        if (hasEnded(step)) assert.deepEqual(next.steps[number], step);
      assert.equal(next.ended !== undefined, next.steps.every(hasEnded));
      now = next;
    }
  });
  fc.assert(property, { numRuns });
});

test("a run whose owner died is over, and nothing is called done that did not happen", () => {
  const property = fc.property(anyRun, anyEvents, fc.boolean(), (run, events, made) => {
    const before = events.reduce(advanceRun, run);
    const over = advanceRun(advanceRun(before, { ...died, made }), { kind: "abandoned", at: 9000 });
    assert.ok(over.ended !== undefined);
    for (const [number, step] of over.steps.entries()) {
      const was = before.steps[number];
      const isFound = step.kind === "make" && made && was?.state === "running";
      if (step.state === "done") assert.ok(isFound || was?.state === "done");
    }
  });
  fc.assert(property, { numRuns });
});

test("one location's failure touches nothing but its own steps", () => {
  const property = fc.property(anyRun, fc.nat(), (run, failing) => {
    const makes = (number: number): boolean => run.steps[number]?.kind === "make";
    const fails = (number: number): boolean => !makes(number) && ((failing >> number) & 1) === 1;
    const { steps } = carriedOut(run, (_, number) => fails(number));
    for (const [number, step] of steps.entries()) {
      const before = steps.flatMap(({ location }, at) =>
        location === step.location && at < number ? [at] : [],
      );
      const expected = before.some(fails) ? "skipped" : fails(number) ? "failed" : "done";
      assert.equal(step.state, expected);
    }
  });
  fc.assert(property, { numRuns });
});

test("nothing is delivered, verified or pruned when nothing was made", () => {
  const { steps } = carriedOut(planned(["nas"]), ({ kind }) => kind === "make");
  const [make, ...others] = steps;
  assert.equal(make?.state, "failed");
  assert.deepEqual(
    new Set(others.map(({ state, attempts }) => `${state} ${attempts}`)),
    new Set(["skipped 0"]),
  );
  const [line] = steps[1]?.log ?? [];
  assert.equal(line?.text, "Not begun, because make at here has failed");
});

test("a location is pruned only if a good copy arrived there", () => {
  const { steps } = carriedOut(planned(["nas"]), ({ kind, location }) => {
    return kind === "verify" && location === "nas";
  });
  const prunes = steps.filter(({ kind }) => kind === "prune");
  assert.deepEqual(
    prunes.map(({ location, state }) => [location, state]),
    [
      ["here", "done"],
      ["nas", "skipped"],
    ],
  );
});

test("a run with a good copy somewhere is incomplete, one without any has failed", () => {
  const some = carriedOut(planned(["nas"]), ({ location }) => location === "nas");
  assert.equal(runState(some), "incomplete");
  const none = carriedOut(planned(["nas"]), ({ kind }) => kind === "verify");
  assert.equal(runState(none), "failed");
  const unpruned = carriedOut(planned(), ({ kind }) => kind === "prune");
  assert.equal(runState(unpruned), "incomplete");
});

test("deliveries of different locations go on side by side, behind the one that makes", () => {
  const run = planned(["nas", "cloud"]);
  assert.deepEqual(startableSteps(run, [run], 1), [0]);
  const begun = advanceRun(run, { kind: "started", step: 0, at: 2 });
  assert.deepEqual(startableSteps(begun, [begun], 2), []);
  const made = advanceRun(begun, { kind: "done", step: 0, at: 3 });
  const kinds = startableSteps(made, [made], 3).map((number) => made.steps[number]?.kind);
  assert.deepEqual(kinds, ["verify", "deliver", "deliver"]);
});

test("a cancelled run begins nothing more, and ends when what is at work has stopped", () => {
  const begun = advanceRun(planned(["nas"]), { kind: "started", step: 0, at: 2 });
  const asked = advanceRun(begun, { kind: "cancel-asked", at: 3 });
  assert.deepEqual(startableSteps(asked, [asked], 4), []);
  assert.equal(runState(asked), "running");
  const stopped = advanceRun(asked, { kind: "stopped", step: 0, at: 5 });
  assert.equal(runState(stopped), "cancelled");
  assert.equal(stopped.ended, 5);
});

test("what comes too late for a wish to cancel is told as it was", () => {
  const [begun] = [advanceRun(planned(), { kind: "started", step: 0, at: 2 })];
  const asked = advanceRun(begun, { kind: "cancel-asked", at: 3 });
  const done = advanceRun(asked, { kind: "done", step: 0, at: 4 });
  assert.deepEqual(
    done.steps.map(({ state }) => state),
    ["done", "cancelled", "cancelled"],
  );
});

test("a crash is told with how far it was, and with what became of the leftovers", () => {
  const begun = advanceRun(planned(), { kind: "started", step: 0, at: 2 });
  const progress = { step: "backup", bytes: 43, totalBytes: 100 };
  const halfway = advanceRun(begun, { kind: "progressed", step: 0, progress });
  const [make] = advanceRun(halfway, { ...died, made: false }).steps;
  assert.deepEqual(make?.error, {
    problem: "interrupted",
    message: "The process that ran it ended at 43 % of make; its leftovers were removed",
  });
});

test("what a dead owner had not begun can go on with another one", () => {
  const begun = advanceRun(planned(["nas"]), { kind: "started", step: 0, at: 2 });
  const dead = advanceRun(begun, { ...died, made: true });
  const owner = { ...someOwner, pid: 8 };
  const adopted = advanceRun(dead, { kind: "adopted", at: 9001, owner });
  assert.equal(adopted.owner.pid, 8);
  assert.equal(runState(carriedOut(adopted, () => false)), "done");
});

test("what was being delivered, verified or pruned is begun anew by another process, but not for ever", () => {
  let run = carriedOutAt(planned(["nas"]), "make");
  for (let death = 1; death <= 3; death += 1) {
    run = advanceRun(run, { kind: "started", step: 3, at: 9000 });
    run = advanceRun(run, { ...died, made: true });
    const [, , , deliver] = run.steps;
    assert.equal(deliver?.state, death < 3 ? "waiting-to-retry" : "failed");
    assert.equal(deliver.error?.problem, "interrupted");
    const over = advanceRun(run, { kind: "abandoned", at: 9001 });
    assert.equal(over.steps[3]?.state, "failed");
    assert.equal(over.steps[4]?.state, "skipped");
  }
});

/** The run, with its step of that kind done. */
function carriedOutAt(run: Run, kind: Step["kind"]): Run {
  const step = run.steps.findIndex((one) => one.kind === kind);
  const begun = advanceRun(run, { kind: "started", step, at: 9000 });
  return advanceRun(begun, { kind: "done", step, at: 9000 });
}

test("a run that only prunes has failed if it did not", () => {
  const where = { makeAt: undefined, deliverTo: [], verify: false, pruneAt: ["here"] };
  const id = "0".repeat(32);
  const more = { trigger: { kind: "manual" }, owner: someOwner, created: 1, home: "home" } as const;
  const run = newRun({ ...where, ...more, id });
  assert.deepEqual(startableSteps(run, [run], 1), [0]);
  assert.equal(runState(carriedOut(run, () => true)), "failed");
  assert.equal(runState(carriedOut(run, () => false)), "done");
  assert.throws(() => newRun({ ...where, ...more, id, pruneAt: [] }), { problem: "usage" });
});

test("a step that waits to be tried again is tried when its pause is over", () => {
  const begun = advanceRun(planned(), { kind: "started", step: 0, at: 2 });
  const failed = advanceRun(begun, { kind: "failed", step: 0, at: 3, error, retryAt: 10 });
  assert.equal(runState(failed), "running");
  assert.deepEqual(startableSteps(failed, [failed], 9), []);
  assert.deepEqual(startableSteps(failed, [failed], 10), [0]);
  const again = advanceRun(failed, { kind: "started", step: 0, at: 10 });
  assert.equal(again.steps[0]?.attempts, 2);
  assert.equal(advanceRun(again, { kind: "done", step: 0, at: 11 }).steps[0]?.error, undefined);
});

test("the log of a step does not grow without bound", () => {
  let run = planned();
  for (let at = 0; at < 200; at += 1)
    run = advanceRun(run, { kind: "logged", step: 0, at, text: "x".repeat(at * 10) });
  const log = run.steps[0]?.log ?? [];
  assert.equal(log.length, 50);
  assert.equal(log.at(-1)?.at, 199);
  assert.ok(log.every(({ text }) => text.length <= 500));
});

test("a location cannot be named twice", () => {
  assert.throws(() => planned(["nas", "here"]), { problem: "usage" });
});

test("what a step needs stands before it", () => {
  const property = fc.property(anyRun, ({ steps }) => {
    for (const number of steps.keys()) assert.ok((neededStep(steps, number) ?? -1) < number);
  });
  fc.assert(property, { numRuns });
});
