import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What one run of a command took. */
export interface Measurement {
  readonly seconds: number;
  /** User and system time of all its processes. */
  readonly cpuSeconds: number;
  /** Resident peak of the largest of its processes. */
  readonly peakBytes: number;
}

export interface Command {
  /** Program and arguments. */
  readonly run: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const meter = fileURLToPath(new URL("measure.py", import.meta.url));

/** Runs a command to its end; rejects if it fails. */
export async function measure({ run, env }: Command): Promise<Measurement> {
  const { stdout } = await promisify(execFile)("python3", [meter, ...run], {
    env: { ...process.env, ...env },
  });
  return JSON.parse(stdout) as Measurement;
}
