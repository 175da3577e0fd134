import { mkdir, readFile } from "node:fs/promises";
import { StorageError } from "../errors.ts";
import { runProgram } from "../start-program.ts";
import { mountError } from "./mount-error.ts";
import { mountAt } from "./mounts.ts";
import { sourceOf, type NfsSettings } from "./settings.ts";

/** A server that is away gives an error within a minute instead of holding whoever asks for ever. */
const options = "soft,timeo=100,retrans=3,nosuid,nodev,noexec,noatime";
const mountInMs = 60_000;

export interface MountTools {
  /** Text of `/proc/self/mountinfo`. */
  readonly mounts: () => Promise<string>;
  /** The program that mounts. */
  readonly program: string;
}

/** This machine. */
export const system: MountTools = {
  mounts: () => readFile("/proc/self/mountinfo", "utf8"),
  program: "mount.nfs",
};

/**
 * Mounts an export unless it is mounted already. It stays mounted: other processes use it too. Rejects as `mountError`
 * tells, and with `unreachable` if something else is mounted there.
 */
export async function mountExport(settings: NfsSettings, tools = system): Promise<void> {
  const { mountPoint, version, port } = settings;
  const source = sourceOf(settings);
  const there = mountAt(await tools.mounts(), mountPoint);
  if (there?.source === source && there.type.startsWith("nfs")) return;
  if (there !== undefined)
    throw new StorageError(
      "unreachable",
      `${there.source} is mounted at ${mountPoint}, not ${source}`,
    );
  await makeFolder(mountPoint, source);
  const wanted = [
    options,
    ...(version === undefined ? [] : [`vers=${version}`]),
    ...(port === undefined ? [] : [`port=${port}`]),
  ].join(",");
  const signal = AbortSignal.timeout(mountInMs);
  const args = [source, mountPoint, "-o", wanted];
  const end = await runProgram({ program: tools.program, args, signal }).catch((error: unknown) => {
    if (signal.aborted) throw new StorageError("unreachable", `${source} does not answer`);
    throw error;
  });
  if (end.code !== 0) throw mountError(source, end.errors);
}

async function makeFolder(path: string, source: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    const message = `The folder ${path}, at which ${source} is to be mounted, cannot be made (${code})`;
    throw new StorageError("denied", message, { cause });
  }
}
