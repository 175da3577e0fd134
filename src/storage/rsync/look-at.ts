import { StorageError } from "../errors.ts";
import { listEntries, type ListedEntry } from "./listing.ts";
import { onlyThese } from "./pattern.ts";
import type { Rsync } from "./rsync.ts";

/**
 * What the place tells of a file; undefined if there is none. Also finds out whether the place is there: `unreachable`
 * if its folder is not.
 */
export async function lookAt(
  rsync: Rsync,
  key: string,
  signal: AbortSignal,
): Promise<ListedEntry | undefined> {
  const order = { subject: key, options: ["-r", ...onlyThese([key])] };
  let found: ListedEntry | undefined;
  for await (const entries of listEntries(rsync, order, signal)) {
    found ??= entries.find(({ name, isFile }) => isFile && name === key);
  }
  return found;
}

/** The same, with `not-found` where there is none. */
export async function mustBeThere(
  rsync: Rsync,
  key: string,
  signal: AbortSignal,
): Promise<ListedEntry> {
  const found = await lookAt(rsync, key, signal);
  if (found !== undefined) return found;
  throw new StorageError("not-found", `${key}: no such object`, { key });
}

export function alreadyThere(key: string): StorageError {
  return new StorageError("already-exists", `There is a ${key} already`, { key });
}
