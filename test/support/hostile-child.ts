import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hostilePassword } from "./hostile-backup.ts";

/** What a run of the program by itself said and took. */
export interface ChildOutcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Most memory that it had at any time. */
  readonly peakBytes: number;
}

/** The promise of the whole program, at any size. */
export const memoryBound = 250 * 1024 * 1024;

/** What each worker thread takes besides when TypeScript runs as it is; the shipped bundle does not. */
export const threadsFromSource = 100 * 1024 * 1024;

/**
 * Runs the program as users do, and holds it to its memory. A run that says nothing and comes to no end is
 * stopped after ten minutes.
 * @param root of a sandbox
 */
export async function runChild(
  root: string,
  args: readonly string[],
  bound = memoryBound,
): Promise<ChildOutcome> {
  const peakFile = join(root, "safehouse", "peak");
  const env = {
    ...process.env,
    SAFEHOUSE_DATA: join(root, "safehouse"),
    SAFEHOUSE_PASSWORD: hostilePassword,
    SAFEHOUSE_NEW_PASSWORD: "another one",
    HOSTILE_PEAK_FILE: peakFile,
  };
  const child = spawn(process.execPath, ["--import", preload, launcher, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 600_000,
  });
  const [out, err] = [tail(child.stdout), tail(child.stderr)];
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const peakBytes = Number(readFileSync(peakFile, "utf8")) * 1024;
  rmSync(peakFile);
  const outcome = { code, out: out(), err: err(), peakBytes };
  const told = `${args.join(" ").slice(0, 200)}: exit ${code}\n${outcome.out.slice(-2000)}\n${outcome.err}`;
  assert.notEqual(code, null, `had to be stopped, ${told}`);
  assert.notEqual(code, 1, `a fault, ${told}`);
  assert.ok(peakBytes < bound, `took ${Math.round(peakBytes / 2 ** 20)} MiB, ${told}`);
  return outcome;
}

const preload = fileURLToPath(new URL("hostile-peak.ts", import.meta.url));
const launcher = fileURLToPath(new URL("../../bin/safehouse.js", import.meta.url));

/** Keeps the last 100 kB of what comes. */
function tail(stream: NodeJS.ReadableStream): () => string {
  let kept = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => (kept = (kept + text).slice(-100_000)));
  return () => kept;
}
