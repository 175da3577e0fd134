import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import {
  TemporaryHome,
  config,
  paths,
  readAll,
  startReading,
} from "./temporary-home.test-support.ts";
import type { ReadResult } from "./temporary-home.test-support.ts";

const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1);

/** Rows of the copy, after SQLite has found nothing wrong with it. */
function rowsOf(home: TemporaryHome, result: ReadResult, path: string): number[] {
  const place = join(home.root, "copy.db");
  writeFileSync(place, result.content.get(path) ?? "");
  const copy = new DatabaseSync(place);
  try {
    assert.equal(copy.prepare("PRAGMA integrity_check").get()?.["integrity_check"], "ok");
    return copy
      .prepare("SELECT id FROM t ORDER BY id")
      .all()
      .map((row) => Number(row["id"]));
  } finally {
    copy.close();
  }
}

function makeDatabase(place: string, mode: "wal" | "delete", rows: number): DatabaseSync {
  const database = new DatabaseSync(place);
  database.exec(`PRAGMA journal_mode=${mode}; CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)`);
  insert(database, 1, rows);
  return database;
}

function insert(database: DatabaseSync, from: number, count: number): void {
  database.exec("BEGIN");
  const statement = database.prepare("INSERT INTO t VALUES (?, ?)");
  for (let id = from; id < from + count; id += 1) statement.run(id, "x".repeat(200));
  database.exec("COMMIT");
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1);
}

/** Runs a Python program, another user of the database, and waits for its first line. */
async function startPython(
  script: string,
  ...words: string[]
): Promise<ChildProcess & { lines: string[] }> {
  const child = spawn("python3", ["-c", script, ...words], { stdio: ["pipe", "pipe", "inherit"] });
  const lines: string[] = [];
  const reader = createInterface(child.stdout);
  reader.on("line", (line) => lines.push(line));
  await once(reader, "line");
  return Object.assign(child, { lines });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.stdin?.end();
  await once(child, "exit");
}

/** Five rows every 10 ms until its input ends; then the longest time that one commit took, in ms. */
const writer = `
import select, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
if sys.argv[2] == "wal":
    db.execute("PRAGMA wal_autocheckpoint=200")
next_id = db.execute("SELECT max(id) FROM t").fetchone()[0] + 1
longest = 0
print("ready", flush=True)
while not select.select([sys.stdin], [], [], 0.01)[0]:
    start = time.monotonic()
    db.execute("BEGIN IMMEDIATE")
    for _ in range(5):
        db.execute("INSERT INTO t VALUES (?, ?)", (next_id, "y" * 300))
        next_id += 1
    db.execute("COMMIT")
    longest = max(longest, time.monotonic() - start)
print(int(longest * 1000), flush=True)
`;

/** The large one is checked in a thread of its own. */
for (const [mode, count] of [
  ["wal", 20_000],
  ["wal", 60_000],
  ["delete", 20_000],
] as const) {
  test(`snapshots of a database of ${count} rows in ${mode} mode are whole while another process writes, which never waits long`, async (t) => {
    using home = new TemporaryHome();
    const place = join(home.paths.config, "any name.bin");
    makeDatabase(place, mode, count).close();
    const child = await startPython(writer, place, mode);
    t.after(() => child.kill());
    let before: number = count;
    for (let round = 0; round < 6 * loops; round += 1) {
      const result = await readAll(startReading(home.paths, { part: config }));
      assert.deepEqual(result.notes, []);
      const rows = rowsOf(home, result, "data/any name.bin");
      assert.deepEqual(rows, range(rows.length));
      assert.equal((rows.length - count) % 5, 0, "a transaction was cut in two");
      assert.ok(rows.length >= before);
      before = rows.length;
    }
    assert.ok(before > count, "the writer wrote");
    await end(child);
    assert.ok(Number(child.lines.at(-1)) < 2000, `a writer waited ${child.lines.at(-1)} ms`);
    const scratch = join(home.paths.dataDir, "scratch");
    // With a log the bytes are streamed from the files themselves; no copy is ever made.
    assert.equal(existsSync(scratch), mode === "delete");
    if (mode === "delete") assert.deepEqual(readdirSync(scratch), []);
  });
}

test("the recorder's database comes in the journal mode it has, with an empty log right after it", async () => {
  using home = new TemporaryHome();
  using database = makeDatabase(join(home.paths.config, "home-assistant_v2.db"), "wal", 1000);
  assert.ok(database.isOpen);
  const result = await readAll(startReading(home.paths, { part: config }));
  assert.deepEqual(paths(result).slice(3), [
    "data/home-assistant_v2.db",
    "data/home-assistant_v2.db-wal",
  ]);
  assert.equal(result.entries[4]?.size, 0);
  assert.deepEqual(
    result.content.get("data/home-assistant_v2.db")?.subarray(18, 20),
    Buffer.from([2, 2]),
  );
  assert.deepEqual(rowsOf(home, result, "data/home-assistant_v2.db"), range(1000));
});

test("what is only in the log is in the snapshot", async () => {
  using home = new TemporaryHome();
  using database = makeDatabase(join(home.paths.share, "a.db"), "wal", 1);
  database.exec("PRAGMA wal_autocheckpoint=0");
  insert(database, 2, 3000);
  assert.deepEqual(rowsOf(home, await readAll(startReading(home.paths)), "a.db"), range(3001));
});

test("rows that are not committed are not in the snapshot, however long their writer takes", async () => {
  using home = new TemporaryHome();
  using database = makeDatabase(join(home.paths.share, "a.db"), "wal", 100);
  database.exec("PRAGMA cache_size=5; BEGIN IMMEDIATE");
  database.exec(
    "WITH RECURSIVE n(i) AS (SELECT 101 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, hex(zeroblob(200)) FROM n",
  );
  const result = await readAll(startReading(home.paths));
  database.exec("ROLLBACK");
  assert.deepEqual(result.notes, []);
  assert.deepEqual(rowsOf(home, result, "a.db"), range(100));
});

test("a database that nobody has open is read without a trace", async () => {
  using home = new TemporaryHome();
  makeDatabase(join(home.paths.share, "wal.db"), "wal", 500).close();
  makeDatabase(join(home.paths.share, "old.db"), "delete", 500).close();
  const before = readdirSync(home.paths.share).map((name) =>
    readFileSync(join(home.paths.share, name)),
  );
  const result = await readAll(startReading(home.paths));
  assert.deepEqual(paths(result), [".", "old.db", "wal.db", "wal.db-wal"]);
  assert.deepEqual(
    readdirSync(home.paths.share).map((name) => readFileSync(join(home.paths.share, name))),
    before,
  );
  assert.deepEqual(readdirSync(join(home.paths.dataDir, "scratch")), []);
  for (const name of ["old.db", "wal.db"]) assert.deepEqual(rowsOf(home, result, name), range(500));
});

/** Files as a crash leaves them: the log is full, nobody has the database open. */
function leaveLog(home: TemporaryHome): string {
  using database = makeDatabase(join(home.root, "live.db"), "wal", 1);
  database.exec("PRAGMA wal_autocheckpoint=0");
  insert(database, 2, 400);
  const place = join(home.paths.share, "a.db");
  copyFileSync(join(home.root, "live.db"), place);
  copyFileSync(join(home.root, "live.db-wal"), `${place}-wal`);
  return place;
}

test("a log that a crash has left is in the snapshot and stays as it is", async () => {
  using home = new TemporaryHome();
  const place = leaveLog(home);
  const before = [readFileSync(place), readFileSync(`${place}-wal`)];
  const result = await readAll(startReading(home.paths));
  assert.deepEqual(result.notes, []);
  assert.deepEqual(rowsOf(home, result, "a.db"), range(401));
  assert.deepEqual([readFileSync(place), readFileSync(`${place}-wal`)], before);
});

test("a journal that a crash has left is rolled back in the copy only", async () => {
  using home = new TemporaryHome();
  const live = join(home.root, "live.db");
  const place = join(home.paths.share, "a.db");
  {
    using database = makeDatabase(live, "delete", 1000);
    database.exec("PRAGMA cache_size=5; BEGIN; UPDATE t SET text = 'spoilt'");
    copyFileSync(live, place);
    copyFileSync(`${live}-journal`, `${place}-journal`);
    database.exec("ROLLBACK");
  }
  const before = [readFileSync(place), readFileSync(`${place}-journal`)];
  const result = await readAll(startReading(home.paths));
  assert.deepEqual(paths(result), [".", "a.db"]);
  assert.deepEqual(rowsOf(home, result, "a.db"), range(1000));
  assert.ok(!result.content.get("a.db")?.includes("spoilt"));
  assert.deepEqual([readFileSync(place), readFileSync(`${place}-journal`)], before);
});

for (const state of ["still", "written to", "left with a log"] as const) {
  test(`a database on a read-only mount that is ${state} comes whole`, async (context) => {
    if (!canMount()) return context.skip("mount namespaces are not permitted here");
    using home = new TemporaryHome();
    const place = join(home.paths.share, "a.db");
    if (state === "left with a log") leaveLog(home);
    else makeDatabase(place, "wal", 401).close();
    const child = state === "written to" ? await startPython(writer, place, "wal") : undefined;
    const output = readOnReadOnlyMount(home);
    if (child !== undefined) await end(child);
    assert.equal(output.notes.length, 0, output.notes.join());
    const result = {
      entries: [],
      notes: [],
      content: new Map([["a.db", Buffer.from(output.content, "base64")]]),
    };
    const rows = rowsOf(home, result, "a.db");
    assert.ok(rows.length >= 401);
    assert.deepEqual(rows, range(rows.length));
  });
}

for (const rows of [5000, 60_000]) {
  test(`a damaged database of ${rows} rows goes in with a note`, async () => {
    using home = new TemporaryHome();
    const place = join(home.paths.share, "a.db");
    makeDatabase(place, "wal", rows).close();
    const bytes = readFileSync(place);
    bytes.fill(0xff, 40_960, 49_152);
    writeFileSync(place, bytes);
    const result = await readAll(startReading(home.paths));
    assert.deepEqual(
      result.notes.map(({ path, problem }) => [path, problem]),
      [["a.db", "database"]],
    );
    assert.deepEqual(result.content.get("a.db"), bytes);
  });
}

test("what only looks like a database is copied as a plain file, with what lies beside it", async () => {
  using home = new TemporaryHome();
  const bytes = Buffer.alloc(5000, 7);
  bytes.write("SQLite format 3\0");
  home.write("share/a.db", bytes);
  home.write("share/a.db-wal", "log");
  home.write("share/a.db-shm", "index");
  const result = await readAll(startReading(home.paths));
  assert.deepEqual(paths(result), [".", "a.db", "a.db-wal"]);
  assert.deepEqual(result.content.get("a.db"), bytes);
  assert.deepEqual(
    result.notes.map(({ path, problem }) => [path, problem]),
    [["a.db", "database"]],
  );
});

test("a file that is named like a log but belongs to no database is a file", async () => {
  using home = new TemporaryHome({
    "share/notes-journal": "dear diary",
    "share/x": "no database",
    "share/x-wal": "1",
  });
  assert.deepEqual(paths(await readAll(startReading(home.paths))), [
    ".",
    "notes-journal",
    "x",
    "x-wal",
  ]);
});

test("without the database only the recorder's stays out, and nothing of it comes in", async () => {
  using home = new TemporaryHome();
  using recorder = makeDatabase(join(home.paths.config, "home-assistant_v2.db"), "wal", 10);
  using zigbee = makeDatabase(join(home.paths.config, "zigbee.db"), "wal", 10);
  assert.ok(recorder.isOpen && zigbee.isOpen);
  const result = await readAll(startReading(home.paths, { part: config, database: false }));
  assert.deepEqual(paths(result).slice(3), ["data/zigbee.db", "data/zigbee.db-wal"]);
});

test("a log is left out together with the database that a rule leaves out", async () => {
  using home = new TemporaryHome();
  using database = makeDatabase(join(home.paths.share, "a.db"), "wal", 10);
  assert.ok(database.isOpen && existsSync(join(home.paths.share, "a.db-wal")));
  assert.deepEqual(paths(await readAll(startReading(home.paths, { rules: ["*.db"] }))), ["."]);
});

function canMount(): boolean {
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function readOnReadOnlyMount(home: TemporaryHome): { notes: string[]; content: string } {
  const script = `
    const { startReading, readAll } = await import(${JSON.stringify(join(import.meta.dirname, "temporary-home.test-support.ts"))});
    const result = await readAll(startReading(${JSON.stringify(home.paths)}));
    console.log(JSON.stringify({ notes: result.notes.map((n) => n.message), content: result.content.get("a.db").toString("base64") }));`;
  const share = home.paths.share;
  const mount = `mount --bind ${share} ${share} && mount -o remount,ro,bind ${share} && exec "$@"`;
  const command = [
    "-m",
    "sh",
    "-c",
    mount,
    "sh",
    process.execPath,
    "--input-type=module",
    "-e",
    script,
  ];
  return JSON.parse(execFileSync("unshare", command, { encoding: "utf8", maxBuffer: 1 << 28 })) as {
    notes: string[];
    content: string;
  };
}
