// A process that writes into a recorder's database as Home Assistant does, until it is told to end:
// `recorder-writer.ts DATABASE REPORT`. Several rows a commit, a commit every few milliseconds. When it
// ends it leaves its report: rows written, and the longest that a commit took.
import { renameSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const [path = "", report = ""] = process.argv.slice(2);
const rowsPerCommit = 5;
const pauseInMs = 10;

const database = new DatabaseSync(path);
database.exec(
  "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 60000",
);
database.exec(
  "CREATE TABLE IF NOT EXISTS states (state_id INTEGER PRIMARY KEY, state TEXT, at REAL)",
);
const insert = database.prepare("INSERT INTO states (state, at) VALUES (?, ?)");
let rows = 0;
let longestInMs = 0;

const timer = setInterval(commit, pauseInMs);
process.on("SIGTERM", end);
commit();
process.send?.("writing");

function commit(): void {
  const started = performance.now();
  database.exec("BEGIN IMMEDIATE");
  for (let row = 0; row < rowsPerCommit; row += 1)
    insert.run(`written ${rows + row}`, Date.now() / 1000);
  database.exec("COMMIT");
  rows += rowsPerCommit;
  longestInMs = Math.max(longestInMs, performance.now() - started);
}

function end(): void {
  clearInterval(timer);
  database.close();
  writeFileSync(`${report}.new`, JSON.stringify({ rows, longestInMs }));
  renameSync(`${report}.new`, report);
  process.disconnect?.();
}
