import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What is installed for a peer. */
interface Requirement {
  readonly packages: readonly string[];
  /** Oldest Python that it runs on, as the minor number of Python 3; any without it. */
  readonly oldest?: number;
  /** Packages that run on that, although they say that they need a newer one. */
  readonly regardless?: readonly string[];
}

const clientLibraries = ["aiohttp==3.14.5", "mashumaro==3.23", "orjson==3.13.0"];

/**
 * Software of others that our archives and answers are checked against, each in a Python environment of its own;
 * the first counts that a Python of this machine runs.
 */
const requirements = {
  /** What the Supervisor of 2026 runs: securetar, and zlib replaced by ISA-L. */
  official: [{ packages: ["securetar==2026.4.1", "zlib-fast==0.2.1", "isal==1.9.1"] }],
  /** The last securetar that wrote version 1. */
  version1: [{ packages: ["securetar==2024.11.0"] }],
  /** Prometheus' own client, which reads metrics too. */
  prometheus: [{ packages: ["prometheus-client==0.22.1"] }],
  /** What Home Assistant speaks to a Supervisor with. Debian 12 has Python 3.11, which 0.9 still runs on. */
  client: [
    { packages: ["aiohasupervisor==0.11.0", ...clientLibraries], oldest: 13 },
    { packages: clientLibraries, regardless: ["aiohasupervisor==0.9.0"], oldest: 11 },
  ],
  /** An S3 server to try buckets on. */
  s3: [{ packages: ["moto[server]==5.2.5"], oldest: 10 }],
  /** What Home Assistant's WebDAV integration speaks with. */
  webdav: [{ packages: ["aiowebdav2==0.6.2", "aiohttp==3.14.5"], oldest: 11 }],
  /** The same of the first months, when the integration marked its descriptions with properties. */
  firstWebdav: [{ packages: ["aiowebdav2==0.3.1", "aiohttp==3.14.5"], oldest: 11 }],
  /** Home Assistant itself, for its agents that keep backups at places, and what these speak with. It asks for Python 3.14. */
  agents: [
    {
      packages: [
        "aiowebdav2==0.6.2",
        "aiohttp==3.14.5",
        "asyncssh==2.21.0",
        "aiobotocore==2.21.1",
        "orjson==3.13.0",
        "ciso8601==2.3.3",
      ],
      regardless: ["homeassistant==2026.7.3"],
      oldest: 11,
    },
  ],
  /** Asks an API what its own description allows, and what it does not. */
  fuzzer: [
    {
      packages: ["schemathesis==4.32.5", "hypothesis==6.170.15", "jsonschema_rs==0.60.3"],
      oldest: 11,
    },
  ],
} as const satisfies Readonly<Record<string, readonly [Requirement, ...Requirement[]]>>;

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
  const choices: readonly Requirement[] = requirements[name];
  let absent: PythonPeer = { absent: "absent: python3" };
  for (const requirement of choices) {
    const system = await findPython(requirement.oldest);
    if (system.absent === undefined) return peerWith(name, requirement, system);
    absent = { absent: system.absent };
  }
  return absent;
}

async function peerWith(
  name: PeerName,
  requirement: Requirement,
  { program, identity }: FoundPython,
): Promise<PythonPeer> {
  const key = createHash("sha256")
    .update([...requirement.packages, ...(requirement.regardless ?? []), identity].join("\n"))
    .digest("hex");
  const home = join(cache, `${name}-${key.slice(0, 12)}`);
  if (!existsSync(join(home, "complete"))) {
    const absent = await install(program, requirement, home);
    if (absent !== undefined) return { absent };
  }
  return { python: join(home, "bin", "python") };
}

interface FoundPython {
  readonly program: string;
  readonly identity: string;
  readonly absent?: never;
}

type SystemPython = FoundPython | { readonly absent: `absent: ${string}` };

/** @param oldest the minor number of Python 3 that it has to have at least; any without it */
async function findPython(oldest: number | undefined): Promise<SystemPython> {
  if (oldest === undefined) return askPython("python3");
  for (const program of newerPythons(oldest)) {
    // A manager of several Pythons leaves names behind that do not start; then the next may do.
    const found = await askPython(program).catch((): SystemPython => ({
      absent: "absent: python3",
    }));
    const minor = /^3\.(\d+)/.exec(found.absent ?? found.identity)?.[1];
    if (Number(minor) >= oldest) return found;
  }
  return { absent: `absent: Python 3.${oldest} or newer` };
}

/** Where there may be others than the system's own. */
function newerPythons(oldest: number): readonly string[] {
  const named = [oldest + 2, oldest + 1, oldest].map((minor) => `python3.${minor}`);
  const versions = join(process.env["PYENV_ROOT"] ?? join(homedir(), ".pyenv"), "versions");
  const installed = existsSync(versions) ? readdirSync(versions) : [];
  return [
    "python3",
    ...named,
    ...installed.map((version) => join(versions, version, "bin/python3")),
  ];
}

async function askPython(program: string): Promise<SystemPython> {
  try {
    const code = "import sys, venv, ensurepip; print(sys.version, sys.base_prefix)";
    return { program, identity: (await run(program, ["-c", code])).stdout };
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
  program: string,
  { packages, regardless = [] }: Requirement,
  home: string,
): Promise<`absent: ${string}` | undefined> {
  const building = `${home}.${process.pid}.tmp`;
  await mkdir(cache, { recursive: true });
  try {
    await run(program, ["-m", "venv", building]);
    const python = join(building, "bin", "python");
    const failure =
      (await pipFailure(python, ["install", "--quiet", ...packages])) ??
      (regardless.length === 0
        ? undefined
        : await pipFailure(python, [...installRegardless, ...regardless]));
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

const installRegardless = [
  "install",
  "--quiet",
  "--no-compile",
  "--no-deps",
  "--ignore-requires-python",
];

async function pipFailure(python: string, args: readonly string[]): Promise<Error | undefined> {
  try {
    await run(python, ["-m", "pip", "--disable-pip-version-check", ...args]);
    return undefined;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
