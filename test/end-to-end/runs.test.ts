import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { leftovers } from "#test/leftovers.ts";
import { loops } from "#test/loops.ts";
import { Bench, describe, documentOf, type JsonValue } from "#test/safehouse.ts";

const mediaBytes = 40_000_000;
const moments = loops(3);

test("after a kill at any moment a run is told as what it came to, and the next one needs no help", async () => {
  using bench = new Bench({ mediaBytes });
  const { took } = await bench.run("backups", "new", "--json");
  for (let kill = 0; kill < moments; kill += 1) {
    const before = new Set((await runs(bench)).map((run) => run.text("id")));
    const { child, ended } = bench.start("backups", "new");
    await pause(((kill + Math.random()) / moments) * took);
    child.kill("SIGKILL");
    await ended;
    const killed = (await runs(bench)).filter((run) => !before.has(run.text("id")));
    assert.ok(killed.length <= 1);
    for (const run of killed) await isTrue(bench, run);
    assert.deepEqual(leftovers(bench, await slugsAt(bench)), []);
  }
  await bench.json("backups", "new", "--folders", "ssl", "--no-queue");
});

test("a cancel at any moment ends a run within ten seconds and leaves nothing half", async () => {
  using bench = new Bench({ mediaBytes: 200_000_000 });
  const { took } = await bench.run("backups", "new", "--json");
  let cancels = 0;
  for (let moment = 0; moment < moments; moment += 1) {
    const known = newestRun(bench);
    const running = bench.start("backups", "new", "--json");
    while (newestRun(bench) === known) await pause(5);
    const id = newestRun(bench) ?? "";
    await pause(((moment + Math.random()) / moments) * took);
    // It stands still until it has been asked: starting the asking command takes half as long as a backup.
    running.child.kill("SIGSTOP");
    const cancelling = bench.start("runs", "cancel", id, "--json");
    // Should it stand still with the state file locked, nobody could ask.
    const patience = AbortSignal.timeout(3000);
    while (cancelling.child.exitCode === null && !isAsked(bench, id) && !patience.aborted)
      await pause(5);
    running.child.kill("SIGCONT");
    const cancelled = await cancelling.ended;
    const made = await running.ended;
    const run = await bench.json("runs", "info", id);
    if (cancelled.code === 0) {
      cancels += 1;
      const asked = Date.parse(run.text("cancelAsked"));
      assert.ok(Date.parse(run.text("ended")) - asked < 10_000);
      assert.equal(run.at("state"), "cancelled");
      assert.equal(made.code, 130, describe(made));
      assert.equal(documentOf(made).at("error", "problem"), "cancelled");
    } else {
      assert.ok(cancelled.code === 2 || cancelled.code === 3, "it was faster");
      assert.equal(made.code, 0, describe(made));
    }
    await isTrue(bench, run);
    assert.deepEqual(leftovers(bench, await slugsAt(bench)), []);
  }
  assert.ok(cancels > 0);
});

test("of two backups at once the second waits for the first, and both are made", async () => {
  using bench = new Bench({ mediaBytes });
  const both = [bench.start("backups", "new", "--json"), bench.start("backups", "new", "--json")];
  const outcomes = await Promise.all(both.map(({ ended }) => ended));
  for (const outcome of outcomes) assert.equal(outcome.code, 0, describe(outcome));
  assert.ok(outcomes.some(({ err }) => /^Waiting for the backup of process \d+/.test(err)));
  const listed = await runs(bench);
  assert.deepEqual(
    listed.map((run) => run.at("state")),
    ["done", "done"],
  );
  const [one, two] = listed.map((run) => run.list("steps")[0]);
  assert.ok(one !== undefined && two !== undefined);
  const apart =
    one.text("started") >= two.text("ended") || two.text("started") >= one.text("ended");
  assert.ok(apart, "one makes at a time");
});

test("whoever waits for a backup that is killed makes its own without help", async () => {
  using bench = new Bench({ mediaBytes: 400_000_000 });
  const first = bench.start("backups", "new");
  while (newestRun(bench) === undefined) await pause(5);
  // It stands still until the second waits for it.
  first.child.kill("SIGSTOP");
  const known = newestRun(bench);
  const second = bench.start("backups", "new", "--folders", "ssl", "--json");
  const patience = AbortSignal.timeout(3000);
  while (newestRun(bench) === known && !patience.aborted) await pause(5);
  first.child.kill("SIGKILL");
  await first.ended;
  const outcome = await second.ended;
  assert.equal(outcome.code, 0, describe(outcome));
  const states = (await runs(bench)).map((run) => run.at("state"));
  assert.deepEqual(states, ["done", "failed"]);
  assert.equal((await slugsAt(bench)).length, 1);
});

test("a killed run whose location cannot be reached is ended all the same, and says what is left to do", async () => {
  using bench = new Bench({ mediaBytes: 400_000_000 });
  const { child, ended } = bench.start("backups", "new");
  const isMaking = (): boolean =>
    rowOf(bench, "SELECT id FROM run WHERE backup IS NOT NULL") !== undefined;
  while (child.exitCode === null && !isMaking()) await pause(5);
  child.kill("SIGKILL");
  await ended;
  renameSync(bench.location, `${bench.location}-away`);
  const [run] = await runs(bench);
  assert.equal(run?.at("state"), "failed");
  assert.equal(run.at("steps", 0, "error", "problem"), "interrupted");
  assert.match(
    run.text("steps", 0, "error", "message"),
    /removed when the location can be reached/,
  );
  renameSync(`${bench.location}-away`, bench.location);
  assert.deepEqual(await slugsAt(bench), []);
  assert.deepEqual(leftovers(bench, []), []);
});

test("a backup that fails is told by its run as it was by its command", async () => {
  using bench = new Bench();
  const outcome = await bench.run("backups", "new", "--app", "nope", "--json");
  assert.equal(outcome.code, 10, describe(outcome));
  const [run] = await runs(bench);
  const [make] = run?.list("steps") ?? [];
  assert.equal(run?.at("state"), "failed");
  assert.equal(make?.at("error", "message"), documentOf(outcome).at("error", "message"));
  const text = (await bench.run("runs", "info", run?.text("id").slice(0, 8) ?? "")).out;
  assert.match(text, /^make at .*: failed\n {2}There is no nope in this home\n/m);
  assert.match((await bench.run("runs", "list")).out, /^[0-9a-f]{8} .* failed {2}make/m);
});

test("what a run is told by has an end and an exit code of its own", async () => {
  using bench = new Bench();
  assert.match((await bench.run("runs", "list")).out, /^No runs yet/);
  assert.equal((await bench.run("runs", "info", "f00")).code, 10);
  await bench.json("backups", "new", "--no-verify");
  const [run] = await runs(bench);
  assert.deepEqual(
    run?.list("steps").map((step) => [step.at("kind"), step.at("state")]),
    [["make", "done"]],
  );
  const cancelled = await bench.run("runs", "cancel", run.text("id"));
  assert.equal(cancelled.code, 2);
  assert.match(cancelled.err, /has already ended: done/);
});

/** What a run says about its backup is what is at the location. */
async function isTrue(bench: Bench, run: JsonValue): Promise<void> {
  const [make, verify] = run.list("steps");
  const isThere = bench.archives().includes(String(run.at("backup", "fileName")));
  assert.ok(typeof run.at("ended") === "string", "it has ended");
  assert.equal(make?.at("state") === "done", isThere, JSON.stringify(run.value));
  if (verify?.at("state") !== "done") return;
  const backup = await bench.json("backups", "info", run.text("backup", "slug"));
  assert.equal(backup.at("verification", "verdict"), "proven");
}

/** Id of the newest run, read without the command line: it is slow beside a small backup. */
function newestRun(bench: Bench): string | undefined {
  return rowOf(bench, "SELECT id FROM run ORDER BY created DESC")?.["id"]?.toString();
}

function isAsked(bench: Bench, id: string): boolean {
  return (
    rowOf(bench, "SELECT id FROM run WHERE id = ? AND cancel_asked IS NOT NULL", id) !== undefined
  );
}

/** Undefined, too, while the state file is still being made. */
function rowOf(bench: Bench, query: string, ...values: string[]) {
  try {
    const options = { readOnly: true, timeout: 5000 };
    using state = new DatabaseSync(`${bench.dataDir}/safehouse.db`, options);
    return state.prepare(query).get(...values);
  } catch (error) {
    if (error instanceof Error && "errcode" in error) return undefined;
    throw error;
  }
}

async function runs(bench: Bench): Promise<JsonValue[]> {
  return (await bench.json("runs", "list")).list("runs");
}

async function slugsAt(bench: Bench): Promise<string[]> {
  return (await bench.json("backups", "list")).list("backups").map((backup) => backup.text("slug"));
}
