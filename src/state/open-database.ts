import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { SafehouseError } from "#core/model/problem.ts";
import { migrations } from "./migrations.ts";
import { isBusy } from "./state-error.ts";

/**
 * Opens a state file, creating it for its owner alone, and brings it to the present schema. Several
 * processes may do so at once; each waits up to five seconds for the others.
 * Throws `unknown-version` for a file that a newer program wrote, and SQLite's own errors.
 */
export function openDatabase(path: string): DatabaseSync {
  // SQLite would create the file readable for all; its side files take the mode of the file.
  closeSync(openSync(path, "a", 0o600));
  const database = new DatabaseSync(path, { timeout: longestWaitInMs });
  try {
    useLog(database);
    database.exec("PRAGMA synchronous = NORMAL");
    if (schemaVersion(database) !== migrations.length) migrate(database, path);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

const longestWaitInMs = 5000;
const pauseInMs = 20;

/**
 * Switches to a write-ahead log. SQLite does not wait here for another process that does the same, or that
 * closes the file as its last user: it would have to give up a lock that it holds.
 */
function useLog(database: DatabaseSync): void {
  const until = performance.now() + longestWaitInMs;
  for (;;) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseInMs);
    }
  }
}

function migrate(database: DatabaseSync, path: string): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have been faster while we waited for the lock.
    const present = schemaVersion(database);
    if (present > migrations.length) throw writtenByNewer(path);
    for (const step of migrations.slice(present)) database.exec(step);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function schemaVersion(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}

function writtenByNewer(path: string): SafehouseError {
  return new SafehouseError("unknown-version", `${path} was written by a newer Safehouse`, {
    subject: path,
    advice: "Use the newer version, or another data directory",
  });
}
