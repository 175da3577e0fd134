import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { factsOf, hasCode } from "./disk-path.ts";
import { parentOfProcess } from "./process-identity.ts";

/** A process at work in a folder. */
export interface ProcessBelow {
  readonly pid: number;
  readonly name: string;
  /** What it was seen with: a path, as that process names it. */
  readonly path: string;
}

/**
 * A process, not of our own family, that has a file below one of these folders open or works there.
 * A process in a container names paths in its own way, so what counts is the file, not its name.
 * @param folders real paths
 * @param known files below them that are worth recognising under any name
 */
export function processBelow(
  folders: readonly string[],
  known: readonly string[],
): ProcessBelow | undefined {
  const family = ownFamily();
  const wanted = new Set([...folders, ...known].flatMap((path) => identityOf(factsOf(path)) ?? []));
  for (const pid of processes()) {
    if (family.has(pid) || isChildOf(pid, process.pid)) continue;
    const path = seenWith(pid, folders, wanted);
    if (path !== undefined) return { pid, name: nameOf(pid), path };
  }
  return undefined;
}

function seenWith(
  pid: number,
  folders: readonly string[],
  wanted: ReadonlySet<string>,
): string | undefined {
  const links = [`/proc/${pid}/cwd`, ...openFiles(pid)];
  return links.map((link) => pathBelow(link, folders, wanted)).find((path) => path !== undefined);
}

function pathBelow(
  link: string,
  folders: readonly string[],
  wanted: ReadonlySet<string>,
): string | undefined {
  const path = tolerant(() => readlinkSync(link));
  if (path === undefined || !path.startsWith("/")) return undefined;
  const named = folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
  if (!named && wanted.size === 0) return undefined;
  const identity = identityOf(tolerant(() => statSync(link)));
  if (identity === undefined) return undefined;
  if (wanted.has(identity)) return path;
  return named && identity === identityOf(factsOf(path)) ? path : undefined;
}

function identityOf(facts: Stats | undefined): string | undefined {
  return facts === undefined ? undefined : `${facts.dev}:${facts.ino}`;
}

function ownFamily(): Set<number> {
  const family = new Set<number>();
  for (let pid: number | undefined = process.pid; pid !== undefined; pid = parentOfProcess(pid)) {
    if (family.has(pid)) break;
    family.add(pid);
  }
  // The first process of a machine or a container has everything for a child; it is no family of ours.
  if (process.pid !== 1) family.delete(1);
  return family;
}

function isChildOf(pid: number, ancestor: number): boolean {
  let current: number | undefined = pid;
  for (let depth = 0; current !== undefined && depth < 64; depth += 1) {
    if (current === ancestor) return true;
    current = parentOfProcess(current);
  }
  return false;
}

function processes(): number[] {
  const names = tolerant(() => readdirSync("/proc")) ?? [];
  return names.map(Number).filter((pid) => Number.isInteger(pid) && pid > 0);
}

function openFiles(pid: number): string[] {
  return (tolerant(() => readdirSync(`/proc/${pid}/fd`)) ?? []).map(
    (name) => `/proc/${pid}/fd/${name}`,
  );
}

function nameOf(pid: number): string {
  return tolerant(() => readFileSync(`/proc/${pid}/comm`, "utf8").trim()) ?? "unknown";
}

/** Processes end while we look, and some are not ours to look at. */
function tolerant<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH", "EACCES", "EPERM", "ENOTDIR", "EIO", "ENXIO"))
      return undefined;
    throw error;
  }
}
