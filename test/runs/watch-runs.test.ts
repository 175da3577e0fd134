import assert from "node:assert/strict";
import { test } from "node:test";
import type { StepHandler } from "#jobs/runs/step-handler.ts";
import { watchRuns } from "#jobs/runs/watch-runs.ts";
import { RunBench } from "#test/run-bench.ts";

test("whoever watches sees a run of another process begin, go on and end", async (context) => {
  const bench = new RunBench(context);
  const gone = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const run of watchRuns(bench.process(2), gone.signal))
      seen.push(`${run.state} ${run.steps[0]?.progress?.bytes ?? "-"}`);
  })();
  await bench.time.pass(1000);
  assert.equal(seen.length, 0, "nothing is told where nothing happens");
  const { promise, resolve } = Promise.withResolvers<void>();
  const make: StepHandler = async ({ report }) => {
    report({ step: "backup", bytes: 7 });
    await promise;
  };
  const started = await bench.start(bench.process(1), {}, { handlers: { make } });
  await bench.time.pass(5000);
  resolve();
  await bench.time.passUntil(started.ended);
  await bench.time.pass(2000);
  gone.abort();
  await bench.time.pass(1000);
  await watching;
  assert.equal(seen.at(-1), "done 7");
  assert.ok(seen.includes("running 7"), seen.join());
  assert.equal(new Set(seen).size, seen.length, "nothing is told twice");
});

test("a run that begins and ends between two looks is told of once, and one from before is not", async (context) => {
  const bench = new RunBench(context);
  const quick = { handlers: { make: async () => undefined } };
  const before = await bench.start(bench.process(1), {}, quick);
  await bench.time.passUntil(before.ended);
  const gone = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const run of watchRuns(bench.process(2), gone.signal))
      seen.push(`${run.id} ${run.state}`);
  })();
  await bench.time.pass(100);
  const { ended, run } = await bench.start(bench.process(1), {}, quick);
  await bench.time.passUntil(ended);
  await bench.time.pass(30_000);
  gone.abort();
  await bench.time.pass(1000);
  await watching;
  assert.deepEqual(
    seen.filter((text) => text.endsWith("done")),
    [`${run.id} done`],
  );
});
