import { readdirSync, readFileSync } from "node:fs";

/** Ends a process and all that it has started, at once. */
export function killTree(pid: number): void {
  for (const one of [...descendantsOf(pid), pid]) {
    try {
      process.kill(one, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

/** Processes that a process has started, and those that they have. */
export function descendantsOf(pid: number): readonly number[] {
  const children = readdirSync("/proc").filter((name) => parentOf(name) === pid);
  return children.flatMap((child) => [...descendantsOf(Number(child)), Number(child)]);
}

function parentOf(pid: string): number | undefined {
  if (!/^\d+$/.test(pid)) return undefined;
  try {
    return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch (error) {
    // It has ended meanwhile.
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}
