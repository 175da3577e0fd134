import { lstat, readdir, statfs, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Leftover } from "../provider.ts";
import { systemErrorCode } from "../system-error-code.ts";
import { lifeOf } from "../owner.ts";
import type { Owner } from "../owner.ts";
import { ownerOfTemporaryName } from "../temporary-name.ts";

export interface LeftoverSearch {
  /** Path of the folder to look in, and what its keys begin with. */
  readonly folder: string;
  readonly prefix: string;
  readonly observer: Owner;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Removes the temporary files of dead processes directly in a folder. Where the owner cannot be asked
 * (another machine on a share, a container that is gone), a file counts as left after an hour without
 * a single byte. A writer that it was taken from all the same fails at its commit.
 */
export async function removeLeftoversIn(search: LeftoverSearch): Promise<readonly Leftover[]> {
  const removed: Leftover[] = [];
  const localDisk = await isLocalDisk(search.folder);
  for (const name of await namesIn(search.folder)) {
    const owner = ownerOfTemporaryName(name);
    if (owner === undefined) continue;
    const life = lifeOf(owner, search.observer, localDisk);
    if (life === "alive") continue;
    const size = await removeFile(join(search.folder, name), (modifiedAt) => {
      return life === "dead" || search.now - modifiedAt > hourInMs;
    });
    if (size !== undefined) removed.push({ key: search.prefix + name, size });
  }
  return removed;
}

const hourInMs = 3_600_000;
/** As long as an upload may be continued after its last byte. */
const forsakenAfterMs = 7 * 24 * hourInMs;

/**
 * Removes files of any other name to which nobody has written for a week. A file and the one of its name with
 * `.json` behind it go together.
 */
export async function removeForsakenIn(search: LeftoverSearch): Promise<readonly Leftover[]> {
  const writtenAt = new Map<string, number>();
  const names: string[] = [];
  for (const name of await namesIn(search.folder)) {
    if (ownerOfTemporaryName(name) !== undefined) continue;
    const found = await lstat(join(search.folder, name)).catch(ignoreGone);
    if (found === undefined) continue;
    names.push(name);
    writtenAt.set(pairOf(name), Math.max(writtenAt.get(pairOf(name)) ?? 0, found.mtimeMs));
  }
  const removed: Leftover[] = [];
  for (const name of names) {
    if (search.now - (writtenAt.get(pairOf(name)) ?? 0) <= forsakenAfterMs) continue;
    const size = await removeFile(join(search.folder, name), () => true);
    if (size !== undefined) removed.push({ key: search.prefix + name, size });
  }
  return removed;
}

function pairOf(name: string): string {
  return name.replace(/\.json$/, "");
}

/** For `catch`: what is gone meanwhile needs no removing. */
function ignoreGone(error: unknown): undefined {
  if (systemErrorCode(error) !== "ENOENT") throw error;
}

/** Removes a regular file if its time of change says so; its size, or undefined if it stays. */
async function removeFile(
  path: string,
  isLeft: (modifiedAt: number) => boolean,
): Promise<number | undefined> {
  try {
    const found = await lstat(path);
    if (!found.isFile() || !isLeft(found.mtimeMs)) return undefined;
    await unlink(path);
    return found.size;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw error;
  }
}

async function isLocalDisk(folder: string): Promise<boolean> {
  try {
    return localFileSystems.has((await statfs(folder)).type);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** Magic numbers of file systems that only one kernel can have mounted, from `statfs(2)`. */
const localFileSystems: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0xf2f52010, // F2FS
  0x01021994, // tmpfs
  0x794c7630, // overlay
  0x4d44, // FAT
  0x2011bab0, // exFAT
  0x7366746e, // NTFS
  0x2fc12fc1, // ZFS
]);
