import type { DatabaseSync } from "node:sqlite";
import { sqliteErrorCode } from "./sqlite-error.ts";

/** Lets SQLite check what a connection sees. Undefined if all is well, else a sentence. */
export function checkDatabase(connection: DatabaseSync): string | undefined {
  try {
    const verdict = Object.values(connection.prepare("PRAGMA quick_check(1)").get() ?? {})[0];
    return verdict === "ok" ? undefined : `SQLite finds this database damaged: ${String(verdict)}`;
  } catch (error) {
    if (sqliteErrorCode(error) === undefined || !(error instanceof Error)) throw error;
    return `SQLite could not check this database: ${error.message}`;
  }
}
