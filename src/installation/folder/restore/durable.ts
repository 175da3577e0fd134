import { execFile } from "node:child_process";
import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { factsOf, hasCode, joined, namesIn, onDisk } from "./disk-path.ts";
import type { DiskPath } from "./disk-path.ts";

/** Replaces a small file. • After a power cut it holds the old text or the new one. Mode 0600. */
export function writeDurably(path: string, text: string): void {
  const scratch = `${path}.tmp`;
  const file = openSync(scratch, "w", 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(scratch, path);
  syncDirectory(dirname(path));
}

/** Makes renames and creations inside of a directory last. */
export function syncDirectory(path: DiskPath): void {
  let directory: number;
  try {
    directory = openSync(path, "r");
  } catch (error) {
    if (hasCode(error, "ENOENT", "EACCES")) return;
    throw error;
  }
  try {
    fsyncSync(directory);
  } catch (error) {
    // Network file systems know no fsync of directories; their servers order renames by themselves.
    if (!hasCode(error, "EINVAL", "ENOTSUP", "EBADF", "EISDIR")) throw error;
  } finally {
    closeSync(directory);
  }
}

/**
 * Brings the content of everything below a directory to the disk. Renames are journalled by most file
 * systems sooner than the data they lead to: without this, a power cut just after the swap could leave
 * the new names over empty files.
 */
export async function flushBelow(directory: string): Promise<void> {
  if (!(await flushFileSystem(directory))) flushTree(directory, "");
}

/** One call for a whole file system is far quicker than one for each of 100 000 files. */
function flushFileSystem(directory: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile("sync", ["-f", directory], (error) => resolve(error === null));
  });
}

function flushTree(base: string, path: string): void {
  const place = onDisk(base, path);
  const facts = factsOf(place);
  if (facts?.isDirectory()) {
    for (const name of namesIn(place)) flushTree(base, joined(path, name));
    syncDirectory(place);
  } else if (facts?.isFile()) {
    const file = openSync(place, "r");
    fsyncSync(file);
    closeSync(file);
  }
}
