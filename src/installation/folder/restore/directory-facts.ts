import { chmodSync, lchownSync, lstatSync, utimesSync } from "node:fs";
import type { Stats } from "node:fs";
import { hasCode } from "./disk-path.ts";
import type { DiskPath } from "./disk-path.ts";

/** What a directory has besides its content. */
export interface DirectoryFacts {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970; exact to the microsecond, which is what the system call takes from us. */
  readonly mtime: number;
}

export function directoryFacts(stats: Stats): DirectoryFacts {
  const { mode, uid, gid, mtimeMs } = stats;
  return { mode: mode & 0o7777, uid, gid, mtime: mtimeMs / 1000 };
}

/** Gives a directory these facts, as far as the system lets this user. Touches only what differs. */
export function setDirectoryFacts(path: DiskPath, facts: DirectoryFacts): void {
  const now = lstatSync(path);
  if (!now.isDirectory()) return;
  if (now.uid !== facts.uid || now.gid !== facts.gid) setOwner(path, facts.uid, facts.gid);
  // A change of owner can clear bits of the mode, so the mode comes after it.
  if ((lstatSync(path).mode & 0o7777) !== facts.mode) ifAllowed(() => chmodSync(path, facts.mode));
  ifAllowed(() => utimesSync(path, facts.mtime, facts.mtime));
}

/** @returns false if this user or this file system cannot set owners */
export function setOwner(path: DiskPath, uid: number, gid: number): boolean {
  return isOwner({ uid, gid }) && ifAllowed(() => lchownSync(path, uid, gid));
}

/** Ids come from archives; the largest one of 32 bits means "nobody new" to the system. */
export function isOwner({ uid, gid }: { readonly uid: number; readonly gid: number }): boolean {
  return [uid, gid].every((id) => Number.isInteger(id) && id >= 0 && id < 0xffff_ffff);
}

/** Does something inside of a directory that is none of the home's business, and puts its time back. */
export function keepingTime<Result>(directory: string, act: () => Result): Result {
  const before = lstatSync(directory);
  try {
    return act();
  } finally {
    setTime(directory, before.mtimeMs / 1000);
  }
}

/** Sets the time of a directory. @param mtime seconds since 1970 */
export function setTime(directory: string, mtime: number): void {
  ifAllowed(() => utimesSync(directory, mtime, mtime));
}

/** Who may write in a folder need not own it, and only owners set modes and times. */
function ifAllowed(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (hasCode(error, "EPERM", "EACCES", "EINVAL", "ENOTSUP", "EROFS")) return false;
    throw error;
  }
}
