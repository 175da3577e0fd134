import { SafehouseError } from "#core/model/problem.ts";
import type { Problem } from "#core/model/problem.ts";

/** What a person is told about a failure around a file of the data directory; others come back. */
export function asStateError(error: unknown, path: string): unknown {
  const [problem, text] = described(error) ?? [];
  if (problem === undefined) return error;
  return new SafehouseError(problem, `${path} ${text}`, { subject: path, cause: error });
}

/** True if SQLite found that a file is damaged or no database at all. */
export function isCorruption(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === sqliteCorrupt || code === sqliteNotADatabase;
}

/** True if another process keeps SQLite from doing it now. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === sqliteBusy;
}

/** True if the system says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return systemCode(error) === "ENOENT";
}

/** True if the system says that there is such a file already. */
export function isExisting(error: unknown): boolean {
  return systemCode(error) === "EEXIST";
}

const sqliteBusy = 5;
const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

function described(error: unknown): Description | undefined {
  return bySqliteCode.get(sqliteCode(error) ?? -1) ?? bySystemCode.get(systemCode(error) ?? "");
}

/** SQLite's result code without its extension (https://sqlite.org/rescode.html). */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

type Description = readonly [problem: Problem, text: string];

const busy: Description = ["busy", "is in use by another process"];
const denied: Description = ["denied", "may not be read or written by this user"];
const readOnly: Description = ["read-only", "lies on a read-only file system"];
const noFolder: Description = ["usage", "cannot be: a part of its path is no folder"];
const full: Description = ["no-space", "cannot be written: the disk is full"];

const bySqliteCode: ReadonlyMap<number, Description> = new Map([
  [sqliteBusy, busy],
  [6, busy],
  [8, readOnly],
  [13, full],
  [14, denied],
]);

const bySystemCode: ReadonlyMap<string, Description> = new Map([
  ["EACCES", denied],
  ["EPERM", denied],
  ["EROFS", readOnly],
  ["ENOSPC", full],
  ["EDQUOT", full],
  ["ENOTDIR", noFolder],
]);
