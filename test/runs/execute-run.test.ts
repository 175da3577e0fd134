import assert from "node:assert/strict";
import { test } from "node:test";
import { SafehouseError } from "#core/model/problem.ts";
import { runState } from "#core/run/run-state.ts";
import { StorageError } from "#storage/errors.ts";
import type { RunTools } from "#jobs/runs/run-tools.ts";
import type { StepHandler } from "#jobs/runs/step-handler.ts";
import { RunBench, statesOf, stored } from "#test/run-bench.ts";

const backup = { slug: "0123abcd", name: "Full backup", fileName: "full.tar" };

const succeeds: StepHandler = async () => undefined;

/** Work without end that heeds its signal. */
const goesOn: StepHandler = ({ signal }) =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });

/** Work that cannot be stopped, as a call into a disk that does not answer. */
const isDeaf: StepHandler = () => new Promise(() => undefined);

test("a run makes, then delivers side by side, and each copy is verified and pruned in turn", async (context) => {
  const bench = new RunBench(context);
  const order: string[] = [];
  const bothDeliver = Promise.withResolvers<void>();
  let delivering = 0;
  const handler: StepHandler = async ({ step }) => {
    order.push(`${step.kind} ${step.location}`);
    if (step.kind !== "deliver") return;
    delivering += 1;
    if (delivering === 2) bothDeliver.resolve();
    await bothDeliver.promise;
  };
  const handlers = { make: handler, deliver: handler, verify: handler, prune: handler };
  const wanted = {
    deliverTo: ["nas", "cloud"],
    verify: true,
    pruneAt: ["here", "nas", "cloud"],
  } as const;
  const { ended } = await bench.start(bench.process(), wanted, { handlers });
  const { run, errors } = await bench.time.passUntil(ended);
  assert.equal(runState(run), "done");
  assert.equal(errors.size, 0);
  assert.equal(order[0], "make here");
  for (const place of ["here", "nas", "cloud"])
    assert.ok(order.indexOf(`verify ${place}`) < order.indexOf(`prune ${place}`));
  assert.deepEqual(await stored(bench.process(), run), run);
  assert.equal(bench.time.running, 0, "no timer is left");
});

test("a location that fails delays and spoils nothing but its own copy", async (context) => {
  const bench = new RunBench(context);
  const deliver: StepHandler = async ({ step }) => {
    if (step.location === "nas") throw new SafehouseError("denied", "The NAS says no");
  };
  const handlers = { make: succeeds, deliver, verify: succeeds };
  const wanted = { deliverTo: ["nas", "cloud"], verify: true } as const;
  const { ended } = await bench.start(bench.process(), wanted, { handlers });
  const { run, errors } = await bench.time.passUntil(ended);
  assert.equal(runState(run), "incomplete");
  assert.deepEqual(statesOf(run), [
    "make here done",
    "verify here done",
    "deliver nas failed",
    "verify nas skipped",
    "deliver cloud done",
    "verify cloud done",
  ]);
  assert.equal(run.steps[2]?.error?.problem, "denied");
  assert.deepEqual([...errors.keys()], [2]);
});

test("runs of several processes make one after the other, and those who wait are told of whom", async (context) => {
  const bench = new RunBench(context);
  let making = 0;
  const told: number[] = [];
  const make: StepHandler = async () => {
    making += 1;
    assert.equal(making, 1);
    await new Promise<void>((resolve) => bench.time.startTimer(10_000, resolve));
    making -= 1;
  };
  const waitsFor = ({ owner }: { readonly owner: { readonly pid: number } }): void =>
    void told.push(owner.pid);
  const runs = [];
  for (const pid of [1, 2, 3]) {
    const { ended } = await bench.start(bench.process(pid), {}, { handlers: { make }, waitsFor });
    runs.push(ended);
    await bench.time.pass(1);
  }
  const outcomes = await bench.time.passUntil(Promise.all(runs));
  for (const { run } of outcomes) assert.equal(runState(run), "done");
  assert.deepEqual(told, [1, 1, 2]);
});

test("a run that is not to wait is told who has been at work since when, and how far it is", async (context) => {
  const bench = new RunBench(context);
  const make: StepHandler = async (step) => {
    step.report({ step: "backup", bytes: 43, totalBytes: 100 });
    await goesOn(step);
  };
  const cancel = new AbortController();
  const first = { handlers: { make }, signal: cancel.signal };
  const { run, ended } = await bench.start(bench.process(1), {}, first);
  await bench.time.pass(2000);
  const since = new Date(run.created).toISOString();
  await assert.rejects(bench.start(bench.process(2), { queue: false }, {}), {
    problem: "busy",
    message: `A backup has been running in process 1 since ${since}, 43 %`,
    facts: { pid: 1, since, run: run.id, percent: 43 },
  });
  assert.equal((await bench.process().journal.list("home")).length, 1);
  cancel.abort();
  await bench.time.passUntil(ended);
  const second = await bench.start(
    bench.process(2),
    { queue: false },
    { handlers: { make: succeeds } },
  );
  assert.equal(runState((await bench.time.passUntil(second.ended)).run), "done");
});

test("what may pass is tried again after growing pauses, and nothing else is", async (context) => {
  const bench = new RunBench(context);
  const tries: number[] = [];
  const make: StepHandler = async () => {
    tries.push(bench.time.clock.now());
    if (tries.length < 3) throw new StorageError("unreachable", "The NAS does not answer");
  };
  const verify: StepHandler = async () => {
    throw new SafehouseError("damaged", "Bytes are not what was written");
  };
  const handlers = { make, verify };
  const { ended } = await bench.start(bench.process(), { verify: true }, { handlers });
  const { run } = await bench.time.passUntil(ended);
  const pauses = tries.slice(1).map((at, number) => at - (tries[number] ?? 0));
  assert.ok((pauses[0] ?? 0) >= 30_000 && (pauses[1] ?? 0) >= 60_000, String(pauses));
  assert.deepEqual(statesOf(run), ["make here done", "verify here failed"]);
  assert.equal(run.steps[0]?.attempts, 3);
  assert.equal(run.steps[1]?.attempts, 1);
});

test("a step is not tried for ever", async (context) => {
  const bench = new RunBench(context);
  const make: StepHandler = async () => {
    throw new StorageError("unreachable", "The NAS does not answer");
  };
  const { ended } = await bench.start(bench.process(), {}, { handlers: { make } });
  const { run } = await bench.time.passUntil(ended);
  assert.deepEqual(statesOf(run), ["make here failed"]);
  assert.equal(run.steps[0]?.attempts, 3);
});

test("core#91027: a step that makes progress may take an hour, one without any ends with that reason", async (context) => {
  const bench = new RunBench(context);
  let bytes = 0;
  const make: StepHandler = async ({ signal, report, ...rest }) => {
    for (; bytes < 15; bytes += 1) {
      report({ step: "backup", bytes });
      await new Promise<void>((resolve) => bench.time.startTimer(240_000, resolve));
    }
    await goesOn({ signal, report, ...rest });
  };
  const order = { handlers: { make }, retry: noRetry };
  const { ended } = await bench.start(bench.process(), {}, order);
  await bench.time.pass(3_500_000);
  assert.equal(bytes, 14);
  const { run } = await bench.time.passUntil(ended);
  const { problem, message } = run.steps[0]?.error ?? {};
  assert.deepEqual([problem, message], ["unreachable", "No progress for 5 minutes"]);
});

const noRetry = () => ({ attempts: 1, firstPauseInMs: 0, longestPauseInMs: 0 });

test("core#155022: a stage that never returns does not keep its run from ending", async (context) => {
  const bench = new RunBench(context);
  const order = { handlers: { make: isDeaf }, retry: noRetry };
  const { ended } = await bench.start(bench.process(), {}, order);
  const { run } = await bench.time.passUntil(ended);
  assert.equal(run.steps[0]?.error?.message, "No progress for 5 minutes");
  assert.match(run.steps[0]?.log[0]?.text ?? "", /did not stop/);
});

test("a step of a kind that nobody can carry out fails, and says so", async (context) => {
  const bench = new RunBench(context);
  const { ended } = await bench.start(bench.process(), { verify: true }, {});
  const { run } = await bench.time.passUntil(ended);
  assert.deepEqual(statesOf(run), ["make here failed", "verify here skipped"]);
  assert.equal(run.steps[0]?.error?.problem, "unsupported");
});

test("a fault of a step is told as one, and ends the run", async (context) => {
  const bench = new RunBench(context);
  const fault = new TypeError("x is not a function");
  const make: StepHandler = () => {
    throw fault;
  };
  const { ended } = await bench.start(bench.process(), {}, { handlers: { make } });
  const { run, errors } = await bench.time.passUntil(ended);
  assert.deepEqual(run.steps[0]?.error, { problem: "fault", message: fault.message });
  assert.equal(errors.get(0), fault);
});

test("the name of a backup is in the journal before the backup can be anywhere", async (context) => {
  const bench = new RunBench(context);
  const other = bench.process(2);
  let known: unknown;
  const make: StepHandler = async ({ name }) => {
    await name(backup);
    known = (await other.journal.open("home"))[0]?.backup;
  };
  const { ended } = await bench.start(bench.process(), {}, { handlers: { make } });
  await bench.time.passUntil(ended);
  assert.deepEqual(known, backup);
});

test("progress is written once a second, however often it is told, and the last of it counts", async (context) => {
  const bench = new RunBench(context);
  const tools = bench.process();
  const counted = countingWrites(tools);
  const make: StepHandler = async ({ report }) => {
    for (let bytes = 0; bytes < 10_000; bytes += 1) {
      report({ step: "backup", bytes, totalBytes: 10_000 });
      if (bytes % 100 === 0)
        await new Promise<void>((resolve) => bench.time.startTimer(100, resolve));
    }
  };
  const { ended } = await bench.start(counted.tools, {}, { handlers: { make } });
  const { run } = await bench.time.passUntil(ended);
  assert.equal(run.steps[0]?.progress?.bytes, 9999);
  assert.ok(counted.writes() <= 14, String(counted.writes()));
});

test("a journal that fails while the work goes on spoils nothing, and is told of once", async (context) => {
  const bench = new RunBench(context);
  const failing = failingJournal(bench.process());
  const make: StepHandler = async ({ report }) => {
    failing.fails = true;
    report({ step: "backup", bytes: 1 });
    await new Promise<void>((resolve) => bench.time.startTimer(60_000, resolve));
  };
  const verify: StepHandler = async () => {
    failing.fails = false;
  };
  const { ended } = await bench.start(
    failing.tools,
    { verify: true },
    { handlers: { make, verify } },
  );
  const { run } = await bench.time.passUntil(ended);
  assert.equal(runState(run), "done");
  assert.equal(bench.notices.length, 1);
  assert.match(bench.notices[0] ?? "", /the disk is full/);
  assert.deepEqual(await stored(bench.process(), run), run, "in the end the journal knows it all");
});

test("nothing is made that the journal does not know of", async (context) => {
  const bench = new RunBench(context);
  const failing = failingJournal(bench.process());
  const { run } = await bench.start(bench.process(), {}, { handlers: {} });
  failing.fails = true;
  const make: StepHandler = () => assert.fail("made");
  await assert.rejects(bench.start(failing.tools, {}, { handlers: { make } }), {
    problem: "no-space",
  });
  assert.equal((await bench.process().journal.list("home")).at(-1)?.id, run.id);
});

/** The same journal, with a count of what is written to it. */
function countingWrites(tools: RunTools): { readonly tools: RunTools; writes(): number } {
  let writes = 0;
  const { journal } = tools;
  const counting: RunTools["journal"] = {
    list: (home) => journal.list(home),
    open: (home) => journal.open(home),
    endedSince: (home, time) => journal.endedSince(home, time),
    change: (home, id, decide) =>
      journal.change(home, id, (now, open) => {
        const next = decide(now, open);
        if (next !== undefined) writes += 1;
        return next;
      }),
  };
  return { tools: { ...tools, journal: counting }, writes: () => writes };
}

/** The same journal on a disk that is full at times. */
function failingJournal(tools: RunTools): { readonly tools: RunTools; fails: boolean } {
  const { journal } = tools;
  const failing = {
    fails: false,
    tools: {
      ...tools,
      journal: {
        list: (home: string) => journal.list(home),
        open: (home: string) => journal.open(home),
        endedSince: (home: string, time: number) => journal.endedSince(home, time),
        change: async (...args: Parameters<typeof journal.change>) => {
          if (failing.fails) throw new SafehouseError("no-space", "the disk is full");
          await journal.change(...args);
        },
      },
    },
  };
  return failing;
}
