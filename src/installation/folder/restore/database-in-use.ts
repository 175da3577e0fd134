import { linkSync, mkdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { factsOf, hasCode } from "./disk-path.ts";
import { removeTree } from "./remove-tree.ts";

/**
 * Whether another connection holds a database in WAL mode open, be it in another container.
 * Such a connection keeps a shared lock for as long as it lives, so asking for the exclusive one tells.
 *
 * • The database and its `-wal` are not changed: opened by its own name, the last connection to close
 *   would fold a left-over `-wal` into it. Locks belong to the file and not to its name, so the question
 *   goes through a second name in our scratch folder, beside which SQLite sees no `-wal`.
 * @param scratch a folder on the same file system for this alone
 * @returns undefined where the file system has no hard links
 */
export function databaseInUse(database: string, scratch: string): boolean | undefined {
  if (!factsOf(database)?.isFile()) return false;
  // A process that was killed here has left its second name behind.
  removeTree(scratch);
  const made = mkdirSync(scratch, { recursive: true, mode: 0o700 });
  try {
    const alias = `${scratch}/probe.db`;
    linkSync(database, alias);
    return isLocked(alias);
  } catch (error) {
    if (hasCode(error, "EPERM", "EXDEV", "ENOTSUP", "EMLINK", "EACCES")) return undefined;
    throw error;
  } finally {
    removeTree(made ?? scratch);
  }
}

function isLocked(path: string): boolean {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; ROLLBACK");
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    // What is no database, or a damaged one, is held open by nobody.
    if (error instanceof Error && "errcode" in error) return false;
    throw error;
  } finally {
    database.close();
  }
}

function isBusy(error: unknown): boolean {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
  return code === 5 || code === 6;
}
