import type { ArchiveLocation } from "#location/archive-location.ts";
import type { AskPassword } from "../archive/open-archive-file.ts";
import { findBackup, type ListedBackup } from "../backup/list-backups.ts";
import { openBackup } from "../backup/open-backup.ts";
import { changeNotes } from "./change-notes.ts";
import { checkedNoteText, type PersonNote } from "./person-note.ts";
import type { NotingTools } from "./pin-backup.ts";
import { sealText } from "./sealed-text.ts";
import { slugForNotes } from "./slug-for-notes.ts";

export interface NoteOptions extends NotingTools {
  /** Empty removes the note. */
  readonly text: string;
  /** For the key of an encrypted backup: nothing about it is written in clear text. */
  readonly askPassword: AskPassword;
}

/**
 * Writes a note about a backup beside it, in place of an earlier one. By slug or file name. Rejects as
 * `openBackup` if the backup is encrypted and nothing opens it, and with `usage` for a text that is too long.
 */
export async function noteBackup(
  location: ArchiveLocation,
  reference: string,
  { text, askPassword, clock, signal }: NoteOptions,
): Promise<ListedBackup> {
  const wanted = checkedNoteText(text);
  const backup = await location.find(reference, signal);
  const slug = slugForNotes(backup);
  const file = backup.object.key;
  const at = new Date(clock.now()).toISOString();
  let note: PersonNote | undefined;
  if (wanted !== "") {
    await using open = await openBackup(location, file, { askPassword, signal });
    note = open.keys
      ? { sealed: await sealText(wanted, slug, open.keys), at }
      : { text: wanted, at };
  }
  await changeNotes(location, slug, { change: { note }, signal });
  return findBackup(location, file, signal);
}
