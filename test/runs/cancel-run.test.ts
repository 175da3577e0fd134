import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceRun } from "#core/run/advance-run.ts";
import { runState } from "#core/run/run-state.ts";
import { cancelRun } from "#jobs/runs/cancel-run.ts";
import { enqueueRun } from "#jobs/runs/enqueue-run.ts";
import { findRun } from "#jobs/runs/find-run.ts";
import type { StepHandler } from "#jobs/runs/step-handler.ts";
import { StorageError } from "#storage/errors.ts";
import { RunBench, statesOf, wish } from "#test/run-bench.ts";

const { signal } = new AbortController();

/** Work without end that heeds its signal. */
const goesOn: StepHandler = ({ signal: ended }) =>
  new Promise((_, reject) => {
    ended.addEventListener("abort", () => reject(ended.reason as Error), { once: true });
  });

const isDeaf: StepHandler = () => new Promise(() => undefined);

const isUnreachable: StepHandler = async () => {
  throw new StorageError("unreachable", "The NAS does not answer");
};

for (const { what, make, state } of [
  { what: "at work", make: goesOn, state: "running" },
  { what: "that does not heed its signal", make: isDeaf, state: "running" },
  { what: "that waits to be tried again", make: isUnreachable, state: "waiting-to-retry" },
] as const) {
  test(`gdrive#1215: another process cancels a step ${what} within ten seconds`, async (context) => {
    const bench = new RunBench(context);
    const started = await bench.start(bench.process(1), { verify: true }, { handlers: { make } });
    await bench.time.pass(5000);
    const other = bench.process(2);
    const [run] = await other.journal.open("home");
    assert.equal(run?.steps[0]?.state, state);
    const asked = bench.time.clock.now();
    const ended = await bench.time.passUntil(cancelRun(started.run, other, signal));
    assert.ok((ended.ended ?? Infinity) - asked < 10_000);
    assert.deepEqual(statesOf(ended), ["make here cancelled", "verify here cancelled"]);
    assert.equal(runState((await bench.time.passUntil(started.ended)).run), "cancelled");
    assert.equal(bench.time.running, 0, "no timer is left");
  });
}

test("a run that waits for its turn is cancelled, and the one that it waited for goes on", async (context) => {
  const bench = new RunBench(context);
  const end = new AbortController();
  const handlers = { make: goesOn };
  const first = await bench.start(bench.process(1), {}, { handlers, signal: end.signal });
  await bench.time.pass(10);
  const second = await bench.start(bench.process(2), {}, { handlers });
  await bench.time.pass(3000);
  await bench.time.passUntil(cancelRun(second.run, bench.process(3), signal));
  const { run, errors } = await bench.time.passUntil(second.ended);
  assert.deepEqual(statesOf(run), ["make here cancelled"]);
  assert.equal(errors.size, 0);
  const [open] = await bench.process().journal.open("home");
  assert.equal(open?.id, first.run.id);
  assert.equal(runState(open), "running");
  end.abort();
  await bench.time.passUntil(first.ended);
});

test("what is done when the wish to cancel comes stays done", async (context) => {
  const bench = new RunBench(context);
  const handlers = { make: async () => undefined, verify: goesOn };
  const started = await bench.start(bench.process(1), { verify: true }, { handlers });
  await bench.time.pass(3000);
  const ended = await bench.time.passUntil(cancelRun(started.run, bench.process(2), signal));
  assert.deepEqual(statesOf(ended), ["make here done", "verify here cancelled"]);
  await bench.time.passUntil(started.ended);
});

test("a run that has ended cannot be cancelled", async (context) => {
  const bench = new RunBench(context);
  const handlers = { make: async () => undefined };
  const started = await bench.start(bench.process(1), {}, { handlers });
  await bench.time.passUntil(started.ended);
  await assert.rejects(cancelRun(started.run, bench.process(2), signal), {
    problem: "usage",
    message: `The run ${started.run.id} has already ended: done`,
  });
});

test("a run whose process dies while it is being cancelled ends as cancelled", async (context) => {
  const bench = new RunBench(context);
  const gone = bench.process(1);
  const run = await enqueueRun({ ...wish, verify: true }, gone);
  const at = bench.time.clock.now();
  await gone.journal.change(
    "home",
    run.id,
    (known) => known && advanceRun(known, { kind: "started", step: 0, at }),
  );
  const cancelled = cancelRun(run, bench.process(2), signal);
  await bench.time.pass(1000);
  bench.dead.add(1);
  const ended = await bench.time.passUntil(cancelled);
  assert.deepEqual(statesOf(ended), ["make here cancelled", "verify here cancelled"]);
});

test("who carries a run out and does not answer is named", async (context) => {
  const bench = new RunBench(context);
  const order = { handlers: { make: goesOn } };
  const { run } = await bench.start(bench.process(1), {}, order);
  // Its journal was moved away, or its process is stopped: nobody carries out what is asked here.
  const forgotten = { ...run, id: "f".repeat(32), owner: { ...run.owner, pid: 9 } };
  const other = bench.process(2);
  await other.journal.change("home", forgotten.id, () => ({
    ...forgotten,
    steps: forgotten.steps.map((step) => ({ ...step, state: "running" as const })),
  }));
  const cancelled = cancelRun(forgotten, other, signal);
  await assert.rejects(bench.time.passUntil(cancelled), { problem: "busy", message: /Process 9/ });
});

test("a run is found by how its id begins, if no other one begins so", async (context) => {
  const bench = new RunBench(context);
  const tools = bench.process(1);
  const handlers = { make: async () => undefined };
  const runs = [];
  for (let count = 0; count < 2; count += 1) {
    const { run, ended } = await bench.start(tools, {}, { handlers });
    await bench.time.passUntil(ended);
    runs.push(run.id);
  }
  const [first = ""] = runs;
  assert.equal((await findRun(first, tools)).id, first);
  await assert.rejects(findRun(first.slice(0, 8), tools), { problem: "usage" });
  await assert.rejects(findRun("f", tools), { problem: "not-found" });
  await assert.rejects(findRun("", tools), { problem: "not-found" });
});
