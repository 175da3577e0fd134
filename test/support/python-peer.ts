import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Software of others that our archives are checked against, each in a Python environment of its own. */
const requirements = {
  /** What the Supervisor of 2026 runs: securetar, and zlib replaced by ISA-L. */
  official: ["securetar==2026.4.1", "zlib-fast==0.2.1", "isal==1.9.1"],
  /** The last securetar that wrote version 1. */
  version1: ["securetar==2024.11.0"],
  /** Prometheus' own client, which reads metrics too. */
  prometheus: ["prometheus-client==0.22.1"],
} as const;

export type PeerName = keyof typeof requirements;

/** The interpreter to run a peer with, or why there is none, in the words that a skip needs. */
export type PythonPeer =
  | { readonly python: string; readonly absent?: never }
  | { readonly python?: never; readonly absent: `absent: ${string}` };

const cache = fileURLToPath(new URL("../../.cache/peers/", import.meta.url));
const run = promisify(execFile);

/**
 * Installs a peer from PyPI, or finds it where an earlier run put it. Absent means that this machine
 * lacks Python or cannot reach PyPI; everything else that goes wrong rejects.
 */
export async function pythonPeer(name: PeerName): Promise<PythonPeer> {
  const packages = requirements[name];
  const system = await systemPython();
  if (system.absent !== undefined) return system;
  const key = createHash("sha256")
    .update([...packages, system.identity].join("\n"))
    .digest("hex");
  const home = join(cache, `${name}-${key.slice(0, 12)}`);
  if (!existsSync(join(home, "complete"))) {
    const absent = await install(packages, home);
    if (absent !== undefined) return { absent };
  }
  return { python: join(home, "bin", "python") };
}

type SystemPython =
  | { readonly identity: string; readonly absent?: never }
  | { readonly absent: `absent: ${string}` };

async function systemPython(): Promise<SystemPython> {
  try {
    const code = "import sys, venv, ensurepip; print(sys.version, sys.base_prefix)";
    return { identity: (await run("python3", ["-c", code])).stdout };
  } catch (error) {
    if (isMissingProgram(error)) return { absent: "absent: python3" };
    if (/No module named '?(venv|ensurepip)/.test(String(error))) {
      return { absent: "absent: python3-venv" };
    }
    throw error;
  }
}

function isMissingProgram(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Test files run at the same time: each builds for itself, and the first to finish wins. */
async function install(
  packages: readonly string[],
  home: string,
): Promise<`absent: ${string}` | undefined> {
  const building = `${home}.${process.pid}.tmp`;
  await mkdir(cache, { recursive: true });
  try {
    await run("python3", ["-m", "venv", building]);
    const python = join(building, "bin", "python");
    const failure = await pipFailure(python, ["install", "--quiet", ...packages]);
    if (failure !== undefined) {
      const answers = await pipFailure(python, ["download", "--no-deps", "-d", building, "six"]);
      if (answers !== undefined) return "absent: PyPI cannot be reached";
      throw failure;
    }
    await writeFile(join(building, "complete"), "");
    await rename(building, home).catch((error: unknown) => {
      if (!existsSync(join(home, "complete"))) throw error;
    });
    return undefined;
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

async function pipFailure(python: string, args: readonly string[]): Promise<Error | undefined> {
  try {
    await run(python, ["-m", "pip", "--disable-pip-version-check", ...args]);
    return undefined;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
