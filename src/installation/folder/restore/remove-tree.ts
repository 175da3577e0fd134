import { chmodSync, rmdirSync, unlinkSync } from "node:fs";
import { SafehouseError } from "#core/model/problem.ts";
import { factsOf, hasCode, joined, namesIn, onDisk } from "./disk-path.ts";
import { mountsBelow } from "./mounts.ts";

/**
 * Removes a directory of ours with all that is in it; nothing if it is gone already.
 * • Never follows a link and never goes into a mount: something mounted below it rejects with `busy`.
 */
export function removeTree(path: string): void {
  if (factsOf(path) === undefined) return;
  const [mount] = mountsBelow(path);
  if (mount !== undefined) {
    throw new SafehouseError(
      "busy",
      `${path}/${mount} is a mount point, so ${path} is not removed`,
    );
  }
  removeEntry(path, "");
}

function removeEntry(base: string, path: string): void {
  const place = onDisk(base, path);
  const facts = factsOf(place);
  if (facts === undefined) return;
  if (!facts.isDirectory()) return unlinkSync(place);
  // Folders of a home may forbid writing even to their owner.
  if ((facts.mode & 0o700) !== 0o700) chmodSync(place, 0o700);
  for (const name of namesIn(place)) removeEntry(base, joined(path, name));
  rmdirSync(place);
}

/** Removes a directory that is empty. @returns whether it is gone */
export function removeIfEmpty(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return true;
    if (hasCode(error, "ENOTEMPTY", "EEXIST", "ENOTDIR", "EBUSY", "EACCES", "EPERM", "EROFS"))
      return false;
    throw error;
  }
}

/** Removes a directory and those below it as far as they hold nothing but directories. @returns whether it is gone */
export function removeHusk(path: string, inner = ""): boolean {
  const place = onDisk(path, inner);
  const facts = factsOf(place);
  if (facts === undefined) return true;
  if (!facts.isDirectory()) return false;
  const gone = namesIn(place).map((name) => removeHusk(path, joined(inner, name)));
  if (gone.includes(false)) return false;
  rmdirSync(place);
  return true;
}
