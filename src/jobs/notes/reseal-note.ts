import type { BackupKeys } from "#keys/backup-keys.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { knownNotes } from "../backup/verification-notes.ts";
import { changeNotes } from "./change-notes.ts";
import { openText, sealText } from "./sealed-text.ts";

export interface Resealing {
  readonly from: BackupKeys | undefined;
  readonly to: BackupKeys;
  readonly signal: AbortSignal;
}

/** Seals the note on a backup with the key that the backup has now. One that the old key does not open stays. */
export async function resealNote(
  location: ArchiveLocation,
  slug: string,
  { from, to, signal }: Resealing,
): Promise<void> {
  const { note } = knownNotes(await location.readNotes(slug, signal));
  if (note === undefined || !("sealed" in note) || from === undefined) return;
  const text = await openText(note.sealed, slug, from);
  if (text === undefined) return;
  const resealed = { sealed: await sealText(text, slug, to), at: note.at };
  await changeNotes(location, slug, { change: { note: resealed }, signal });
}
