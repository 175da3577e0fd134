import { lstatSync, readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import type { StoredObject } from "../provider.ts";
import { systemErrorCode } from "./errors.ts";
import { storedObject } from "./stored-object.ts";
import { ownerOfTemporaryName } from "./temporary-name.ts";

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
): AsyncGenerator<StoredObject, void, undefined> {
  let seen = 0;
  for (const name of regularNames(folder)) {
    seen += 1;
    if (seen % batchSize === 0) await setImmediate();
    signal.throwIfAborted();
    const stats = lstatSync(`${folder.path}/${name}`, { throwIfNoEntry: false });
    if (stats?.isFile() === true) yield storedObject(folder.prefix + name, stats);
  }
}

const batchSize = 512;

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
