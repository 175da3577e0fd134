import { readFileSync } from "node:fs";
import { SafehouseError } from "#core/model/problem.ts";
import { databaseInUse } from "./database-in-use.ts";
import { keepingTime } from "./directory-facts.ts";
import { factsOf, hasCode, namesIn } from "./disk-path.ts";
import { isRecord } from "./is-record.ts";
import { pidRuns } from "./process-identity.ts";
import { processBelow } from "./processes-below.ts";

/** A folder whose user must not run while it is swapped. */
export interface WatchedRoot {
  /** Real path. */
  readonly root: string;
  /** It is the config folder of Home Assistant. */
  readonly config: boolean;
  /** A folder on its file system for scratch; need not exist. */
  readonly scratch: string;
}

/** What shows that the home is in use, as a sentence; undefined if nothing does. */
export function signOfLife(roots: readonly WatchedRoot[]): string | undefined {
  for (const { root, config, scratch } of roots) {
    const sign = config ? (databaseSign(root, scratch) ?? runLockSign(root)) : undefined;
    if (sign !== undefined) return sign;
  }
  return processSign(roots);
}

/** Throws `home-alive` if the home is in use. @param after what was tried to end that */
export function refuseIfAlive(roots: readonly WatchedRoot[], after?: string): void {
  const sign = signOfLife(roots);
  if (sign === undefined) return;
  throw new SafehouseError(
    "home-alive",
    after === undefined ? sign : `${sign}, although ${after}`,
    {
      advice:
        "Stop Home Assistant first, name the commands that stop and start it, or say that it is stopped",
      facts: { sign },
    },
  );
}

function databaseSign(root: string, scratch: string): string | undefined {
  for (const name of databasesIn(root)) {
    if (keepingTime(root, () => databaseInUse(`${root}/${name}`, `${scratch}/probe`))) {
      return `Another process has the database ${root}/${name} open`;
    }
  }
  return undefined;
}

function databasesIn(root: string): string[] {
  if (!factsOf(root)?.isDirectory()) return [];
  return namesIn(root).filter((name) => /^home-assistant_v.\.db$/u.test(name));
}

/** Home Assistant writes its pid and the time of its start here, and leaves the file when it ends. */
function runLockSign(root: string): string | undefined {
  const record = readRunLock(`${root}/.ha_run.lock`);
  const pid = record?.["pid"];
  if (typeof pid !== "number" || !Number.isInteger(pid) || pid <= 0 || pid === process.pid)
    return undefined;
  if (!pidRuns(pid) || startedLater(pid, record?.["start_ts"])) return undefined;
  return `Home Assistant runs as process ${pid} (${root}/.ha_run.lock)`;
}

function readRunLock(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (
      error instanceof SyntaxError ||
      hasCode(error, "ENOENT", "ENOTDIR", "EISDIR", "EACCES", "ELOOP")
    )
      return undefined;
    throw error;
  }
}

/**
 * A pid is soon given to another process, and a pid from inside a container means another one out here.
 * The true owner was there when it wrote the file.
 */
function startedLater(pid: number, startedAt: unknown): boolean {
  const processFacts = factsOf(`/proc/${pid}`);
  if (typeof startedAt !== "number" || processFacts === undefined) return false;
  const seconds = startOfProcess(pid);
  return seconds !== undefined && Math.abs(startedAt - seconds) > 300;
}

/** Seconds since 1970. */
function startOfProcess(pid: number): number | undefined {
  const boot = /^btime (\d+)$/mu.exec(readFileSync("/proc/stat", "utf8"))?.[1];
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  return boot === undefined ? undefined : Number(boot) + ticks / 100;
}

function processSign(roots: readonly WatchedRoot[]): string | undefined {
  const folders = roots.map(({ root }) => root);
  const known = roots
    .filter(({ config }) => config)
    .flatMap(({ root }) => filesOfHomeAssistant(root));
  const seen = processBelow(folders, known);
  return seen && `Process ${seen.pid} (${seen.name}) works with ${seen.path}`;
}

function filesOfHomeAssistant(root: string): string[] {
  const databases = databasesIn(root).flatMap((name) => [name, `${name}-wal`, `${name}-shm`]);
  return [...databases, "home-assistant.log", ".ha_run.lock"].map((name) => `${root}/${name}`);
}
