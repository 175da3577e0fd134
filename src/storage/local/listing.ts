import { lstatSync, readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import type { StoredObject } from "../provider.ts";
import { systemErrorCode } from "../system-error-code.ts";
import { storedObject } from "./stored-object.ts";
import { ownerOfTemporaryName } from "../temporary-name.ts";

export interface FolderToList {
  /** Path of the folder; it must have answered just now (see below). */
  readonly path: string;
  /** What the keys of its objects begin with: `""` or `folder/`. */
  readonly prefix: string;
  /** What their names begin with. */
  readonly namePrefix: string;
}

/**
 * Regular files of a folder; none if it is not there. The calls are synchronous, a few hundred at a
 * time: 2,000 of them take 8 ms, and asynchronous ones ten times that. The caller has asked for the
 * folder asynchronously before, so that a share that hangs does not hang the program.
 */
export async function* listFolder(
  folder: FolderToList,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredObject[], void, undefined> {
  const names = regularNames(folder);
  for (let at = 0; at < names.length; at += pageSize) {
    if (at > 0) await setImmediate();
    signal.throwIfAborted();
    yield statAll(folder, names.slice(at, at + pageSize));
  }
}

const pageSize = 500;

function statAll(folder: FolderToList, names: readonly string[]): readonly StoredObject[] {
  const objects: StoredObject[] = [];
  for (const name of names) {
    const stats = lstatSync(`${folder.path}/${name}`, { throwIfNoEntry: false });
    if (stats?.isFile() === true) objects.push(storedObject(folder.prefix + name, stats));
  }
  return objects;
}

function regularNames(folder: FolderToList): readonly string[] {
  try {
    const names: string[] = [];
    for (const entry of readdirSync(folder.path, { withFileTypes: true })) {
      const { name } = entry;
      // Some file systems do not tell the type here, so only what is known to be another is left out.
      if (entry.isDirectory() || entry.isSymbolicLink() || !name.startsWith(folder.namePrefix)) {
        continue;
      }
      if (ownerOfTemporaryName(name) === undefined) names.push(name);
    }
    return names;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemErrorCode(error) ?? "")) return [];
    throw error;
  }
}
