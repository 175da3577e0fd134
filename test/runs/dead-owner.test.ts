import assert from "node:assert/strict";
import { test } from "node:test";
import { runState } from "#core/run/run-state.ts";
import { executeRun } from "#jobs/runs/execute-run.ts";
import { adoptDeadRun, settleDeadRuns } from "#jobs/runs/settle-dead-runs.ts";
import type { StepHandler } from "#jobs/runs/step-handler.ts";
import { RunBench, statesOf, stored } from "#test/run-bench.ts";

const succeeds: StepHandler = async () => undefined;

const makes: StepHandler = ({ name }) =>
  name({ slug: "5f0db21c", name: "Night", fileName: "Night.tar" });

/** Work that is 43 % done for ever, whatever is asked of it: as the journal sees a process that dies. */
const isCutShort: StepHandler = ({ report }) => {
  report({ step: "backup", bytes: 43, totalBytes: 100 });
  return new Promise(() => undefined);
};

/** Work without end that heeds its signal. */
const goesOn: StepHandler = ({ signal }) =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });

test("core#150410: a run whose process was killed is ended, as what it has come to", async (context) => {
  const bench = new RunBench(context);
  const order = { handlers: { make: isCutShort } };
  const { run } = await bench.start(bench.process(1), { verify: true }, order);
  await bench.time.pass(3000);
  const other = bench.process(2);
  assert.deepEqual(await settleDeadRuns(other), [], "it lives");
  bench.dead.add(1);
  await settleDeadRuns(other);
  const ended = await stored(other, run);
  assert.equal(runState(ended), "failed");
  assert.deepEqual(statesOf(ended), ["make here failed", "verify here skipped"]);
  assert.deepEqual(ended.steps[0]?.error, {
    problem: "interrupted",
    message: "The process that ran it ended at 43 % of make; its leftovers were removed",
  });
  assert.deepEqual(await settleDeadRuns(other), [], "once is enough");
});

test("an archive that appeared just before its process was killed counts as made", async (context) => {
  const bench = new RunBench(context);
  const order = { handlers: { make: isCutShort } };
  const { run } = await bench.start(bench.process(1), { verify: true }, order);
  await bench.time.pass(3000);
  bench.dead.add(1);
  bench.aftermath = { ...bench.aftermath, made: true };
  const other = bench.process(2);
  await settleDeadRuns(other);
  const ended = await stored(other, run);
  assert.deepEqual(statesOf(ended), ["make here done", "verify here skipped"]);
  assert.equal(runState(ended), "failed", "what was not read back is not called good");
});

test("whoever waits for a run whose process is killed goes on by itself", async (context) => {
  const bench = new RunBench(context);
  await bench.start(bench.process(1), {}, { handlers: { make: isCutShort } });
  await bench.time.pass(3000);
  const second = await bench.start(bench.process(2), {}, { handlers: { make: succeeds } });
  await bench.time.pass(60_000);
  assert.equal((await bench.process().journal.open("home")).length, 2);
  bench.dead.add(1);
  assert.equal(runState((await bench.time.passUntil(second.ended)).run), "done");
});

test("a process in another container is taken for dead only after a minute of silence", async (context) => {
  const bench = new RunBench(context);
  const end = new AbortController();
  const order = { handlers: { make: goesOn }, signal: end.signal };
  bench.unseen.add(1);
  const living = await bench.start(bench.process(1), {}, order);
  await bench.time.pass(120_000);
  const other = bench.process(2);
  assert.deepEqual(await settleDeadRuns(other), [], "it shows that it lives");
  end.abort();
  await bench.time.passUntil(living.ended);
  const { journal } = other;
  const silent = { ...living.run, id: "f".repeat(32), beat: bench.time.clock.now() };
  await journal.change("home", silent.id, () => silent);
  await bench.time.pass(60_000);
  assert.deepEqual(await settleDeadRuns(other), []);
  await bench.time.pass(1);
  assert.equal((await settleDeadRuns(other)).length, 1);
});

test("what was not done goes on with another process from its beginning, and what is done is not done again", async (context) => {
  const bench = new RunBench(context);
  const handlers = { make: makes, deliver: isCutShort, verify: succeeds };
  const wanted = { deliverTo: ["nas"], verify: true } as const;
  const waiting = await bench.start(bench.process(1), { ...wanted, deliverTo: [] }, {});
  await bench.time.passUntil(waiting.ended);
  const { run } = await bench.start(bench.process(1), wanted, { handlers });
  const queued = await bench.start(bench.process(1), wanted, { handlers: { make: isCutShort } });
  await bench.time.pass(3000);
  bench.dead.add(1);
  const heir = bench.process(2);
  bench.hasServer = true;
  await settleDeadRuns(heir);
  assert.equal(runState(await stored(heir, queued.run)), "failed", "nothing of it is there");
  assert.equal((await stored(heir, run)).ended, undefined, "it is left to the server");
  assert.equal(await adoptDeadRun(queued.run.id, heir), undefined);
  const goingOn = await adoptDeadRun(run.id, heir);
  const begun: string[] = [];
  const handler: StepHandler = async ({ step }) => void begun.push(step.kind);
  const all = { make: handler, deliver: handler, verify: handler };
  assert.ok(goingOn !== undefined);
  const ended = executeRun(goingOn, bench.order(heir, { handlers: all }));
  assert.equal(runState((await bench.time.passUntil(ended)).run), "done");
  assert.deepEqual(begun, ["deliver", "verify"]);
});

test("a delivery whose process was killed, and with which nobody goes on, has failed", async (context) => {
  const bench = new RunBench(context);
  const handlers = { make: succeeds, deliver: isCutShort, verify: succeeds };
  const wanted = { deliverTo: ["nas"], verify: true } as const;
  const { run } = await bench.start(bench.process(1), wanted, { handlers });
  await bench.time.pass(3000);
  bench.dead.add(1);
  const other = bench.process(2);
  await settleDeadRuns(other);
  const ended = await stored(other, run);
  assert.deepEqual(statesOf(ended), [
    "make here done",
    "verify here done",
    "deliver nas failed",
    "verify nas skipped",
  ]);
  assert.equal(runState(ended), "incomplete");
  assert.equal(ended.steps[2]?.error?.problem, "interrupted");
});

test("a run that was to make and whose process died is ended, and no server makes it", async (context) => {
  const bench = new RunBench(context);
  const end = new AbortController();
  const first = { handlers: { make: goesOn }, signal: end.signal };
  const making = await bench.start(bench.process(3), {}, first);
  await bench.time.pass(1000);
  const waiting = await bench.start(bench.process(1), { verify: true }, { handlers: {} });
  await bench.time.pass(1000);
  bench.dead.add(1);
  bench.hasServer = true;
  const heir = bench.process(2);
  assert.equal(await adoptDeadRun(waiting.run.id, heir), undefined);
  const ended = await stored(heir, waiting.run);
  assert.deepEqual(statesOf(ended), ["make here skipped", "verify here skipped"]);
  end.abort();
  await bench.time.passUntil(making.ended);
  await bench.time.passUntil(waiting.ended);
});

test("a process that was taken for dead stops its work and overwrites nothing", async (context) => {
  const bench = new RunBench(context);
  let stopped = false;
  const make: StepHandler = async (step) => {
    await goesOn(step).finally(() => {
      stopped = true;
    });
  };
  const { run, ended } = await bench.start(bench.process(1), {}, { handlers: { make } });
  await bench.time.pass(3000);
  const other = bench.process(2);
  bench.dead.add(1);
  await settleDeadRuns(other);
  const told = await stored(other, run);
  const outcome = await bench.time.passUntil(ended);
  assert.ok(stopped);
  assert.deepEqual(outcome.run, told);
  assert.deepEqual(await stored(other, run), told);
});
