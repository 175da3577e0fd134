import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { StorageError } from "../errors.ts";

/** A folder of this machine that only we can look into. Gone with everything in it when it is disposed of. */
export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes one in the spool. Rejects with `full` or `denied` if that cannot be. */
export async function makeWorkFolder(spool: string): Promise<WorkFolder> {
  const path = await inSpool(spool, async () => {
    await mkdir(spool, { recursive: true, mode: 0o700 });
    // For this user alone; keys lie in it.
    return mkdtemp(join(spool, `${prefix}${process.pid}-`));
  });
  made.add(path);
  return {
    path,
    async [Symbol.asyncDispose]() {
      made.delete(path);
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Folders that are in use. A process that ends has no time for anything that is not done at once. */
const made = new Set<string>();
process.on("exit", () => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

const prefix = "safehouse-rsync-";

/** Removes folders of processes that were ended before they could, after an hour in which nothing changed in them. */
export async function sweepSpool(spool: string): Promise<void> {
  const names = await readdir(spool).catch((error: unknown) => ignoring(["ENOENT"], error) ?? []);
  for (const name of names) {
    const pid = Number(new RegExp(`^${prefix}(\\d{1,10})-`).exec(name)?.[1]);
    if (Number.isNaN(pid) || isRunning(pid)) continue;
    const path = join(spool, name);
    const found = await stat(path).catch((error: unknown) => ignoring(["ENOENT"], error));
    if (found === undefined || Date.now() - found.mtimeMs < hourInMs) continue;
    await rm(path, { recursive: true, force: true });
  }
}

const hourInMs = 3_600_000;

/** Does work on files of the spool; failures of this machine come out as such. */
export async function inSpool<Result>(spool: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOSPC" || code === "EDQUOT") {
      const message = `${spool} on this machine is full, where objects pass through; set spool to another folder`;
      throw new StorageError("full", message, { cause: error });
    }
    if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
      const message = `${spool} on this machine cannot be written to, where objects pass through`;
      throw new StorageError("denied", message, { cause: error });
    }
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

function ignoring(codes: readonly string[], error: unknown): undefined {
  if (!codes.includes(codeOf(error) ?? "")) throw error;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
