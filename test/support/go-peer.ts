import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A program that is built from a Go module. */
export interface GoProgram {
  readonly module: string;
  /** Folder of the program in the module; none where it lies at the top. */
  readonly folder?: string;
  /** Tag of the release. */
  readonly version: string;
  /** Oldest Go that builds it, as the minor number of Go 1. */
  readonly oldestGo: number;
}

/** Where the program is, or why there is none, in the words that a skip needs. */
export type GoPeer =
  | { readonly program: string; readonly absent?: never }
  | { readonly program?: never; readonly absent: `absent: ${string}` };

const cache = fileURLToPath(new URL("../../.cache/peers/", import.meta.url));
const run = promisify(execFile);

/**
 * Builds a program from its module, or finds it where an earlier run put it. Absent means that this machine
 * lacks Go or is not served the module; everything else that goes wrong rejects.
 */
export async function goPeer({ module, folder, version, oldestGo }: GoProgram): Promise<GoPeer> {
  const path = folder === undefined ? module : `${module}/${folder}`;
  const name = path.split("/").at(-1) ?? path;
  const home = join(cache, `go-${name}-${version}`);
  const program = join(home, name);
  if (existsSync(program)) return { program };
  if ((await goVersion()) < oldestGo) return { absent: `absent: Go 1.${oldestGo} or newer` };
  const building = `${home}.${process.pid}.tmp`;
  await mkdir(building, { recursive: true });
  const env = { ...process.env, GOBIN: building, GOFLAGS: "-mod=mod" };
  // Outside of any module, so that none is changed.
  const options = { cwd: building, env };
  try {
    const isServed = await run("go", ["list", "-m", `${module}@${version}`], options).then(
      () => true,
      () => false,
    );
    if (!isServed) return { absent: `absent: the Go module proxy does not serve ${module}` };
    await run("go", ["install", `${path}@${version}`], options);
    await rename(building, home).catch((error: unknown) => {
      if (!existsSync(program)) throw error;
    });
    return { program };
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** The minor number of Go 1 that this machine has; 0 for none. */
async function goVersion(): Promise<number> {
  try {
    const { stdout } = await run("go", ["version"]);
    return Number(/\bgo1\.(\d+)/.exec(stdout)?.[1] ?? 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
}
