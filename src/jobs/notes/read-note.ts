import { keysToTry } from "#keys/keys-to-try.ts";
import type { OpenRing } from "#keys/open-ring.ts";
import type { ListedBackup } from "../backup/list-backups.ts";
import { openText } from "./sealed-text.ts";

/**
 * The text of the note on a backup; undefined if there is none, or no key of the ring opens it. It may have been
 * sealed with an earlier key than the backup has now, so each is tried: a tenth of a second.
 */
export async function readNote(
  { slug, date, note }: Pick<ListedBackup, "slug" | "date" | "note">,
  ring: OpenRing,
): Promise<string | undefined> {
  if (note === undefined || slug === undefined) return undefined;
  if ("text" in note) return note.text;
  for (const key of keysToTry(await ring.read(), date ?? "")) {
    const text = await openText(note.sealed, slug, await ring.keysOf(key));
    if (text !== undefined) return text;
  }
  return undefined;
}
