import { setTimeout as pause } from "node:timers/promises";
import { StorageError } from "../errors.ts";
import type { StoredObject } from "../provider.ts";
import { nameOfFile } from "./file-name.ts";
import { isNotThere, type SmbPlace } from "./place.ts";
import { access, attribute, disposition, sharing, SmbFile } from "./protocol/file.ts";
import { folderEntries, type FolderEntry } from "./protocol/folder-entries.ts";
import { SmbConnectionError } from "./protocol/smb-error.ts";
import { kindOfTemporaryName } from "./temporary-name.ts";

const pausesInMs = [500, 2000];

/**
 * Objects of a folder, each once, whatever comes and goes meanwhile. If the connection breaks, the folder is read again
 * and what was told already is left out.
 */
export async function* listObjects(
  place: SmbPlace,
  { names, namePrefix }: { readonly names: readonly string[]; readonly namePrefix: string },
  signal: AbortSignal,
): AsyncGenerator<readonly StoredObject[], void, undefined> {
  const told = new Set<string>();
  const folder = names.map((name) => `${name}/`).join("");
  const isObject = (entry: FolderEntry): boolean =>
    !entry.isLink &&
    (entry.attributes & attribute.directory) === 0 &&
    kindOfTemporaryName(entry.name) === undefined &&
    !told.has(entry.name);
  for (const inMs of [...pausesInMs, undefined]) {
    try {
      for await (const page of entriesOf(place, names, signal)) {
        const objects = page.filter(isObject).map((entry) => {
          told.add(entry.name);
          const { size, modifiedAt, version } = entry;
          return { key: folder + nameOfFile(entry.name), size, modifiedAt, version };
        });
        const wanted = objects.filter(({ key }) => key.startsWith(folder + namePrefix));
        if (wanted.length > 0) yield wanted;
      }
      return;
    } catch (error) {
      if (!mayGoOn(error, told.size > 0) || inMs === undefined) throw error;
      await pause(inMs, undefined, { signal });
    }
  }
}

/** A connection that was there and broke is made anew. One that cannot be had is told at once, before there is a beginning. */
function mayGoOn(error: unknown, begun: boolean): boolean {
  if (!(error instanceof StorageError) || !error.worthRetrying) return false;
  const { cause } = error;
  return begun || (cause instanceof SmbConnectionError && cause.trouble === "lost");
}

/** Everything that lies in a folder, in pages; nothing if it is not there. */
export async function* entriesOf(
  place: SmbPlace,
  names: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<readonly FolderEntry[], void, undefined> {
  const folder = await openFolder(place, names, signal);
  if (folder === undefined) return;
  try {
    const pages = folderEntries(folder, signal);
    for (;;) {
      const page = await place.at(undefined, signal, () => pages.next());
      if (page.done === true) return;
      yield page.value;
    }
  } finally {
    await folder.close().catch(() => undefined);
  }
}

function openFolder(
  place: SmbPlace,
  names: readonly string[],
  signal: AbortSignal,
): Promise<SmbFile | undefined> {
  const request = {
    path: place.folderOf(names),
    access: access.read,
    sharing: sharing.all,
    disposition: disposition.open,
    kind: "folder",
  } as const;
  return place.at(undefined, signal, async (tree) => {
    try {
      return await SmbFile.open(tree, request, signal);
    } catch (error) {
      if (names.length === 0 || !isNotThere(error)) throw error;
      await place.checkThere(tree, signal);
      return undefined;
    }
  });
}
