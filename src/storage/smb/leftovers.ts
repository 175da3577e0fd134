import type { Leftover } from "../provider.ts";
import { entriesOf } from "./listing.ts";
import { joined, type SmbPlace } from "./place.ts";
import { access, disposition, sharing, SmbFile } from "./protocol/file.ts";
import type { FolderEntry } from "./protocol/folder-entries.ts";
import { isStatus } from "./protocol/smb-error.ts";
import { kindOfTemporaryName } from "./temporary-name.ts";

/** As long as an upload may be continued after its last byte, and for what others have left. */
const forsakenAfterMs = 7 * 24 * 3_600_000;

/**
 * Removes unfinished objects directly in a folder. A living writer keeps its file open for nobody else, so what can be opened
 * is left by a dead one; what waits to be continued is left alone for a week, by the server's clock.
 */
export async function removeLeftoversIn(
  place: SmbPlace,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly Leftover[]> {
  const found: FolderEntry[] = [];
  for await (const page of entriesOf(place, names, signal))
    found.push(...page.filter(({ name }) => kindOfTemporaryName(name) !== undefined));
  const removed: Leftover[] = [];
  for (const entry of found) {
    const folder = names.map((name) => `${name}/`).join("");
    const path = joined(place.folderOf(names), entry.name);
    if (await remove(place, { entry, path }, signal))
      removed.push({ key: folder + entry.name, size: entry.size });
  }
  return removed;
}

function remove(
  place: SmbPlace,
  { entry, path }: { readonly entry: FolderEntry; readonly path: string },
  signal: AbortSignal,
): Promise<boolean> {
  return place.at(undefined, signal, async (tree) => {
    const waits = kindOfTemporaryName(entry.name) !== "smb";
    const now = tree.connection.serverNow;
    if (waits && now - entry.modifiedAt <= forsakenAfterMs) return false;
    const request = { path, access: access.delete, sharing: sharing.none, kind: "file" } as const;
    try {
      const file = await SmbFile.open(
        tree,
        { ...request, disposition: disposition.open, removes: true },
        signal,
      );
      await file.close(signal);
      return true;
    } catch (error) {
      if (isStatus(error, ...stillInUse)) return false;
      throw error;
    }
  });
}

/** Open elsewhere, about to go, or gone. */
const stillInUse = [
  "SHARING_VIOLATION",
  "DELETE_PENDING",
  "OBJECT_NAME_NOT_FOUND",
  "OBJECT_PATH_NOT_FOUND",
  "FILE_IS_A_DIRECTORY",
] as const;
