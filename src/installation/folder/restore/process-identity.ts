import { readFileSync, readlinkSync } from "node:fs";
import { hasCode } from "./disk-path.ts";

/** Names one process for good: its number alone is given again to others. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot; undefined where the system does not tell. */
  readonly start: string | undefined;
  /** Id of the boot of the machine. */
  readonly boot: string | undefined;
  /** The space in which `pid` counts: containers have their own. */
  readonly space: string | undefined;
}

export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    start: startOf(process.pid),
    boot: bootId(),
    space: pidSpace(),
  };
}

/** Whether a process still runs; `unknown` if it counts its pids where we cannot look. */
export function lives(identity: ProcessIdentity): boolean | "unknown" {
  if (identity.boot !== bootId()) return false;
  if (identity.space !== pidSpace()) return "unknown";
  if (!pidRuns(identity.pid)) return false;
  return identity.start === startOf(identity.pid);
}

export function pidRuns(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return stateOf(pid) !== "Z";
  } catch (error) {
    if (hasCode(error, "ESRCH")) return false;
    if (hasCode(error, "EPERM")) return true;
    throw error;
  }
}

/** Start time in clock ticks since boot. */
export function startOf(pid: number): string | undefined {
  return statFields(pid)?.[19];
}

/** Number of the process that started it. */
export function parentOfProcess(pid: number): number | undefined {
  const parent = Number(statFields(pid)?.[1]);
  return Number.isInteger(parent) && parent > 0 ? parent : undefined;
}

function stateOf(pid: number): string | undefined {
  return statFields(pid)?.[0];
}

/** Fields of `/proc/<pid>/stat` from the third on; the second is a name that may hold blanks and brackets. */
function statFields(pid: number): string[] | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

function bootId(): string | undefined {
  return readIfThere("/proc/sys/kernel/random/boot_id")?.trim();
}

function pidSpace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch (error) {
    if (hasCode(error, "ENOENT", "EACCES", "EPERM")) return undefined;
    throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH", "EACCES", "EPERM")) return undefined;
    throw error;
  }
}
