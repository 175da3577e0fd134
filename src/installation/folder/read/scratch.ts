import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileErrorCode } from "./file-error.ts";

/** A place for copies of databases; not made yet. Its name tells whose it is, even if process ids return. */
export function newScratchFolder(dataDir: string): string {
  const started = startTime(readFileSync("/proc/self/stat", "latin1"));
  return join(dataDir, "scratch", `read-${process.pid}-${started}-${randomUUID()}`);
}

/** Removes what processes that no longer run have left behind; returns the names. For `recover`. */
export async function removeStaleScratch(dataDir: string): Promise<string[]> {
  const root = join(dataDir, "scratch");
  const removed: string[] = [];
  for (const name of (await orAbsent(readdir(root))) ?? []) {
    const [, pid, started] = /^read-(\d+)-(\d+)-/u.exec(name) ?? [];
    if (pid === undefined || (await isAlive(pid, started))) continue;
    await rm(join(root, name), { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

async function isAlive(pid: string, started: string | undefined): Promise<boolean> {
  const stat = await orAbsent(readFile(`/proc/${pid}/stat`, "latin1"));
  return stat !== undefined && startTime(stat) === started;
}

/** The 22nd field; the second is a name in parentheses that may hold anything. */
function startTime(stat: string): string {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "0";
}

async function orAbsent<Value>(attempt: Promise<Value>): Promise<Value | undefined> {
  try {
    return await attempt;
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes(fileErrorCode(error) ?? "")) return undefined;
    throw error;
  }
}
