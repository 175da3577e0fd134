import { StorageError } from "../errors.ts";
import { runProgram } from "../start-program.ts";
import { system, type MountTools } from "./mount-export.ts";
import { mountAt } from "./mounts.ts";
import { isOwnMountPoint, sourceOf, type NfsSettings } from "./settings.ts";

const unmountInMs = 10_000;

/**
 * Unmounts an export that we have mounted: at a mount point of our own, for anything else may be the system's. What is open
 * there goes on until it is closed, so a server that is away does not matter. Rejects with `denied`.
 */
export async function unmountExport(
  settings: NfsSettings,
  { mounts, unmounter = "umount" }: Pick<MountTools, "mounts"> & { unmounter?: string } = system,
): Promise<void> {
  const { mountPoint } = settings;
  if (!isOwnMountPoint(mountPoint)) return;
  if (mountAt(await mounts(), mountPoint)?.source !== sourceOf(settings)) return;
  const signal = AbortSignal.timeout(unmountInMs);
  const end = await runProgram({ program: unmounter, args: ["--lazy", mountPoint], signal });
  if (end.code === 0) return;
  const why = end.errors.trim().split("\n").at(-1) ?? "";
  throw new StorageError(
    "denied",
    `${sourceOf(settings)} could not be unmounted from ${mountPoint}: ${why}`,
  );
}
