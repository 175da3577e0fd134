import { StorageError } from "../errors.ts";
import { listEntries, type ListedEntry } from "./listing.ts";
import { foldersOf, onlyThese } from "./pattern.ts";
import type { Rsync } from "./rsync.ts";

/** What lies under some names, and under those of the folders that lead to them. What is missing is not in it. */
export type Entries = ReadonlyMap<string, ListedEntry>;

/** Also finds out whether the place is there: `unreachable` if its folder is not. */
export async function lookAtAll(
  rsync: Rsync,
  keys: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<Entries> {
  // Whatever the folders are: a file may stand where one is looked for.
  const names = keys.flatMap((key) => [...foldersOf(key).map((name) => name.slice(0, -1)), key]);
  const order = { subject: keys[0], options: ["-r", ...onlyThese(names)] };
  const found = new Map<string, ListedEntry>();
  for await (const entries of listEntries(rsync, order, signal)) {
    for (const entry of entries) found.set(entry.name, entry);
  }
  return found;
}

/** What the place tells of a file; undefined if there is none. Rejects as `lookAtAll`. */
export async function lookAt(
  rsync: Rsync,
  key: string,
  signal: AbortSignal,
): Promise<ListedEntry | undefined> {
  const found = (await lookAtAll(rsync, [key], signal)).get(key);
  return found?.isFile === true ? found : undefined;
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

/**
 * Makes sure that an object may have a name. Without `overwrite` nothing may have it: `already-exists`. rsync also removes, without
 * being asked, files and links where folders have to be, and folders where a file has to be: that is `unsupported`.
 * @returns what is to be replaced
 */
export function mayHaveName(
  entries: Entries,
  { key, overwrite }: { readonly key: string; readonly overwrite: boolean },
): ListedEntry | undefined {
  for (const folder of foldersOf(key)) {
    const found = entries.get(folder.slice(0, -1));
    if (found === undefined || found.isFolder) continue;
    throw new StorageError("unsupported", `${key}: ${found.name} there is no folder`, { key });
  }
  const found = entries.get(key);
  if (found === undefined) return undefined;
  if (!overwrite) throw alreadyThere(key);
  if (found.isFolder)
    throw new StorageError("unsupported", `${key}: there is a folder of that name`, { key });
  return found;
}

export function alreadyThere(key: string): StorageError {
  return new StorageError("already-exists", `There is a ${key} already`, { key });
}
