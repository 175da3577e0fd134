import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { SnapshotCheck } from "./snapshot-check.ts";
import { openLiveSnapshot } from "./sqlite-live.ts";
import { TemporaryHome } from "./temporary-home.test-support.ts";

const patienceInMs = 60_000;

/** Large enough for a thread of its own. The caller closes it. */
function makeLarge(home: TemporaryHome): { place: string; database: DatabaseSync } {
  const place = join(home.paths.share, "a.db");
  const database = new DatabaseSync(place);
  database.exec("PRAGMA journal_mode=wal; CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)");
  database.exec(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) INSERT INTO t SELECT i, hex(zeroblob(500)) FROM n",
  );
  return { place, database };
}

function damage(place: string): void {
  const bytes = readFileSync(place);
  bytes.fill(0xff, 40_960, 49_152);
  writeFileSync(place, bytes);
}

/** Commits what the check objects to: two tables in the same pages. */
function commitFault(place: string): void {
  using database = new DatabaseSync(place, { defensive: false });
  database.exec("PRAGMA writable_schema=1");
  database.exec(
    "INSERT INTO sqlite_schema SELECT type, 'twin', 'twin', rootpage, 'CREATE TABLE twin (id)' FROM sqlite_schema WHERE name = 't'",
  );
}

function checkWhole(place: string): ReturnType<SnapshotCheck["end"]> {
  const check = new SnapshotCheck(place);
  check.waitUntilOpen();
  check.begin();
  check.check();
  return check.end(patienceInMs);
}

/** Records what became of the checks that a snapshot starts. */
class ObservedCheck extends SnapshotCheck {
  readonly kinds: string[] = [];

  override end(timeoutInMs: number): ReturnType<SnapshotCheck["end"]> {
    const answer = super.end(timeoutInMs);
    this.kinds.push(answer.kind);
    return answer;
  }
}

test("the check sees the state in which it began, whatever is committed while it runs", () => {
  using home = new TemporaryHome();
  const { place, database } = makeLarge(home);
  using _closing = database;
  const check = new SnapshotCheck(place);
  check.waitUntilOpen();
  check.begin();
  commitFault(place);
  assert.equal(check.check(), true);
  assert.deepEqual(check.end(patienceInMs), { kind: "checked", problem: undefined });
  const later = checkWhole(place);
  assert.match((later.kind === "checked" && later.problem) || "", /finds this database damaged/u);
});

test("a large database that is damaged is told, by the other thread", () => {
  using home = new TemporaryHome();
  const { place, database } = makeLarge(home);
  database.close();
  damage(place);
  let check: ObservedCheck | undefined;
  const snapshot = openLiveSnapshot(place, "write-lock", () => (check = new ObservedCheck(place)));
  assert.deepEqual(check?.kinds, [], "the bytes can be read before the check has answered");
  assert.match(snapshot?.close().join() ?? "", /finds this database damaged/u);
  assert.deepEqual(check?.kinds, ["checked"]);
});

test("a large database is left without a trace when its check has ended", () => {
  using home = new TemporaryHome();
  const { place, database } = makeLarge(home);
  database.close();
  const snapshot = openLiveSnapshot(place, "write-lock");
  assert.deepEqual(snapshot?.close(), []);
  assert.deepEqual(readdirSync(home.paths.share), ["a.db"]);
});

test("a small database is checked without another thread", () => {
  using home = new TemporaryHome();
  const place = join(home.paths.share, "small.db");
  using database = new DatabaseSync(place);
  database.exec("PRAGMA journal_mode=wal; CREATE TABLE t (id)");
  const snapshot = openLiveSnapshot(place, "write-lock", () => assert.fail("a thread was started"));
  assert.deepEqual(snapshot?.close(), []);
});

test("a check that is not wanted after all ends without an answer", () => {
  using home = new TemporaryHome();
  const { place, database } = makeLarge(home);
  using _closing = database;
  const check = new SnapshotCheck(place);
  check.waitUntilOpen();
  check.begin();
  assert.deepEqual(check.end(patienceInMs), { kind: "not-checked" });
});

test("a file that SQLite does not open is not checked", () => {
  using home = new TemporaryHome();
  assert.deepEqual(checkWhole(join(home.paths.share, "absent.db")), { kind: "not-checked" });
});

/** Checking threads that die at each of the steps; cells are the wish and the step. */
const deaths = {
  "before it is open": `process.exit()`,
  "before it has begun": `step(1); wish(1); process.exit()`,
  "while it checks": `step(1); wish(1); step(2); wish(2); process.exit()`,
  "without a word, before it has begun": `step(1); wish(3)`,
};

for (const [when, script] of Object.entries(deaths)) {
  test(`a checking thread that dies ${when} leaves the check to the reader`, () => {
    using home = new TemporaryHome();
    const { place, database } = makeLarge(home);
    database.close();
    damage(place);
    const source = `
      require("node:worker_threads").parentPort.once("message", ({ cells }) => {
        const step = (value) => { Atomics.store(cells, 1, value); Atomics.notify(cells, 1); };
        const wish = (value) => { while (Atomics.load(cells, 0) < value) Atomics.wait(cells, 0, Atomics.load(cells, 0)); };
        process.on("exit", () => step(3));
        ${script};
      });`;
    let check: ObservedCheck | undefined;
    const snapshot = openLiveSnapshot(
      place,
      "write-lock",
      () => (check = new ObservedCheck(place, new Worker(source, { eval: true }))),
    );
    assert.match(snapshot?.close().join() ?? "", /finds this database damaged/u);
    assert.deepEqual(check?.kinds, ["not-checked"]);
  });
}
