import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { systemErrorCode } from "./system-error-code.ts";

/** The process that a temporary file belongs to, so that others can tell whether it lives. */
export interface Owner {
  readonly pid: number;
  /** When it began, in the system's own units; a later process of the same number differs in it. */
  readonly start: string;
  /** Stands for one run of one kernel: another value means another machine, or a restart. */
  readonly boot: string;
  /** Stands for the set of processes that `pid` counts in: a container has its own. */
  readonly space: string;
}

/** `unknown`: of another machine or container, where we cannot look. */
export type Life = "alive" | "dead" | "unknown";

export function thisProcess(): Owner {
  const boot = shortHash(readOr("/proc/sys/kernel/random/boot_id", hostname()));
  const space = shortHash(linkOr("/proc/self/ns/pid", "all"));
  return { pid: process.pid, start: processStart(process.pid) ?? "0", boot, space };
}

/**
 * Whether the owner still lives, seen from `observer`.
 * @param localDisk true if no other machine can have written here, so another boot is a past one
 */
export function lifeOf(owner: Owner, observer: Owner, localDisk: boolean): Life {
  if (owner.boot !== observer.boot) return localDisk ? "dead" : "unknown";
  if (owner.space !== observer.space) return "unknown";
  if (observer.start === "0") return isRunning(owner.pid) ? "alive" : "dead";
  return processStart(owner.pid) === owner.start ? "alive" : "dead";
}

/**
 * Start time in clock ticks, field 22 of `proc_pid_stat(5)`; undefined if there is no such process, or only a
 * zombie, which writes nothing more however long nobody asks for its end.
 */
function processStart(pid: number): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`, "");
  // The second field is the program's name in parentheses and may itself hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if (systemErrorCode(error) === "ESRCH") return false;
    if (systemErrorCode(error) === "EPERM") return true;
    throw error;
  }
}

function shortHash(text: string): string {
  return createHash("sha256").update(text.trim()).digest("hex").slice(0, 8);
}

function readOr(path: string, fallback: string): string {
  return orWhenAbsent(() => readFileSync(path, "latin1"), fallback);
}

function linkOr(path: string, fallback: string): string {
  return orWhenAbsent(() => readlinkSync(path), fallback);
}

function orWhenAbsent(read: () => string, fallback: string): string {
  try {
    return read();
  } catch (error) {
    // ESRCH: the process ended between opening and reading.
    if (["ENOENT", "ESRCH", "EACCES"].includes(systemErrorCode(error) ?? "")) return fallback;
    throw error;
  }
}
