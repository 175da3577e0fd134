import assert from "node:assert/strict";
import { test } from "node:test";
import { SafehouseError } from "#core/model/problem.ts";
import type { Run } from "#core/model/run.ts";
import { cancelRun } from "#jobs/runs/cancel-run.ts";
import { runAlone, type WorkAlone } from "#jobs/runs/run-alone.ts";
import { RunBench, statesOf, wish } from "#test/run-bench.ts";
import { enqueueRun } from "#jobs/runs/enqueue-run.ts";

const { signal } = new AbortController();
const about = { kind: "restore", location: "here", backup: undefined, signal } as const;

function work<Result>(
  doIt: WorkAlone<Result>["work"],
  begun: (run: Run) => void = () => undefined,
): WorkAlone<Result> {
  return { ...about, work: doIt, begun };
}

test("work of one step is in the journal before it begins, and gives its result", async (context) => {
  const bench = new RunBench(context);
  const tools = bench.process(1);
  const order: string[] = [];
  const done = runAlone(
    work(
      async ({ step }) => {
        order.push(`work ${step.kind}`);
        return 42;
      },
      ({ id }) => order.push(`begun ${id.length}`),
    ),
    tools,
  );
  assert.equal(await bench.time.passUntil(done), 42);
  assert.deepEqual(order, ["begun 32", "work restore"]);
  const [run] = await tools.journal.list("home");
  assert.deepEqual(run && statesOf(run), ["restore here done"]);
});

test("what the work rejects with comes out, and its problem stands in the journal", async (context) => {
  const bench = new RunBench(context);
  const tools = bench.process(1);
  const failure = new SafehouseError("no-space", "There is no room");
  const done = runAlone(
    work(() => Promise.reject(failure)),
    tools,
  );
  await assert.rejects(bench.time.passUntil(done), failure);
  const [run] = await tools.journal.list("home");
  assert.equal(run?.steps[0]?.error?.problem, "no-space");
});

test("another process ends it", async (context) => {
  const bench = new RunBench(context);
  const goesOn: WorkAlone<void>["work"] = ({ signal: ended }) =>
    new Promise((_, reject) => {
      ended.addEventListener("abort", () => reject(ended.reason as Error), { once: true });
    });
  const done = runAlone(work(goesOn), bench.process(1));
  const failed = assert.rejects(done, { problem: "cancelled" });
  await bench.time.pass(100);
  const other = bench.process(2);
  const [run] = await other.journal.open("home");
  assert.ok(run);
  const ended = await bench.time.passUntil(cancelRun(run, other, signal));
  assert.deepEqual(statesOf(ended), ["restore here cancelled"]);
  await bench.time.passUntil(failed);
});

test("a backup waits for a restore, and not for the check of another backup", async (context) => {
  const bench = new RunBench(context);
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const [kind, waits] of [
    ["restore", true],
    ["verify", false],
  ] as const) {
    const tools = bench.process(1);
    const end = new AbortController();
    const alone = runAlone({ ...work(() => promise), kind, signal: end.signal }, tools);
    alone.catch(() => undefined);
    await bench.time.pass(100);
    const enqueued = enqueueRun({ ...wish, queue: false }, bench.process(2));
    if (waits) await assert.rejects(enqueued, { problem: "busy" });
    else await enqueued;
    end.abort(new SafehouseError("cancelled", "Enough"));
    resolve();
    await bench.time.pass(20_000);
  }
});
