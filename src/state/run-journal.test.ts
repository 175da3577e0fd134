import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import fc from "fast-check";
import type { Run } from "#core/model/run.ts";
import { advanceRun } from "#core/run/advance-run.ts";
import { newRun } from "#core/run/new-run.ts";
import { anyEvents, anyRun, someOwner } from "#test/any-run.ts";
import { loops } from "#test/loops.ts";
import { openState } from "./open-state.ts";
import type { State } from "./open-state.ts";
import { StateRunJournal } from "./run-journal.ts";

const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5) };

async function makeJournal(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "safehouse-journal-"));
  const notices: string[] = [];
  const open = (): State => {
    const notice = (sentence: string) => void notices.push(sentence);
    const state = openState({ dataDirectory: folder, clock, notice });
    context.after(() => state[Symbol.dispose]());
    return state;
  };
  context.after(() => rm(folder, { recursive: true }));
  return { folder, notices, open, journal: new StateRunJournal(open()) };
}

function runOf(number: number, home = "home"): Run {
  return newRun({
    home,
    id: number.toString(16).padStart(32, "0"),
    trigger: { kind: "plan", plan: "nightly" },
    owner: { ...someOwner, start: undefined },
    created: number,
    makeAt: "here",
    deliverTo: ["nas"],
    verify: true,
    pruneAt: [],
  });
}

function endedRun(number: number): Run {
  return advanceRun(runOf(number), { kind: "cancel-asked", at: number });
}

function save(journal: StateRunJournal, run: Run): Promise<void> {
  return journal.change(run.home, run.id, () => run);
}

test("whatever a run has become is the same after a restart", async (context) => {
  const { journal, open } = await makeJournal(context);
  const property = fc.asyncProperty(anyRun, anyEvents, async (run, events) => {
    const backup = { slug: "0123abcd", name: "Übermorgen", fileName: "a.tar" };
    const named = advanceRun(run, { kind: "named", backup });
    const now = events.reduce(advanceRun, named);
    await save(journal, named);
    await save(journal, now);
    const again = new StateRunJournal(open());
    const found = (await again.list("home")).find(({ id }) => id === run.id);
    assert.deepEqual(found, now);
  });
  await fc.assert(property, { numRuns: loops(30) });
});

test("runs are listed newest first, the open ones oldest first, each home's by itself", async (context) => {
  const { journal } = await makeJournal(context);
  for (const run of [runOf(2), endedRun(1), runOf(3), runOf(4, "other")]) await save(journal, run);
  const idsOf = (runs: readonly Run[]): number[] => runs.map(({ created }) => created);
  assert.deepEqual(idsOf(await journal.list("home")), [3, 2, 1]);
  assert.deepEqual(idsOf(await journal.open("home")), [2, 3]);
  assert.deepEqual(idsOf(await journal.list("other")), [4]);
});

test("a decision that throws or decides nothing changes nothing", async (context) => {
  const { journal } = await makeJournal(context);
  await save(journal, runOf(1));
  await assert.rejects(
    journal.change("home", runOf(1).id, () => {
      throw new Error("no");
    }),
    /no/,
  );
  await journal.change("home", runOf(2).id, (stored, open) => {
    assert.equal(stored, undefined);
    assert.deepEqual(open, [runOf(1)]);
    return undefined;
  });
  assert.deepEqual(await journal.list("home"), [runOf(1)]);
});

test("old runs are forgotten, open ones never", async (context) => {
  const { journal } = await makeJournal(context);
  await save(journal, runOf(1));
  for (let number = 2; number < 250; number += 1) await save(journal, endedRun(number));
  const listed = await journal.list("home");
  assert.equal(listed.length, 201);
  assert.equal(listed.at(0)?.created, 249);
  assert.deepEqual(listed.at(-1), runOf(1));
});

test("a journal that was damaged is begun anew, and takes a run that it does not know", async (context) => {
  const { folder, journal, notices, open } = await makeJournal(context);
  await save(journal, runOf(1));
  const other = open();
  other[Symbol.dispose]();
  await rm(join(folder, "safehouse.db-wal"), { force: true });
  await writeFile(join(folder, "safehouse.db"), "this is no database".repeat(100));
  const fresh = new StateRunJournal(open());
  assert.deepEqual(await fresh.list("home"), []);
  await save(fresh, runOf(1));
  assert.deepEqual(await fresh.list("home"), [runOf(1)]);
  assert.equal(notices.length, 1);
});

test("several processes that change one run at once lose nothing", async (context) => {
  const { folder, journal } = await makeJournal(context);
  await save(journal, runOf(1));
  const from = (path: string) => JSON.stringify(import.meta.resolve(path));
  const program = (name: string) => `
    const { openState } = await import(${from("./open-state.ts")});
    const { StateRunJournal } = await import(${from("./run-journal.ts")});
    const { advanceRun } = await import(${from("../core/run/advance-run.ts")});
    const state = openState({ dataDirectory: ${JSON.stringify(folder)}, clock: Date, notice: console.error });
    const journal = new StateRunJournal(state);
    for (let turn = 0; turn < 10; turn += 1)
      await journal.change("home", ${JSON.stringify(runOf(1).id)}, (run) =>
        advanceRun(run, { kind: "logged", step: 0, at: 5, text: "${name}" + turn }));`;
  const children = ["a", "b", "c"].map((name) =>
    spawn(process.execPath, ["--input-type=module", "-e", program(name)], { stdio: "inherit" }),
  );
  await Promise.all(children.map((child) => once(child, "exit")));
  const [run] = await journal.list("home");
  assert.equal(new Set(run?.steps[0]?.log.map(({ text }) => text)).size, 30);
});
