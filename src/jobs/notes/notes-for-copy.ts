import { notesKey } from "#archive/backup-notes/seal.ts";
import type { BackupAtLocation } from "#location/backup-at-location.ts";
import { knownNotes, type BackupNotes } from "../backup/verification-notes.ts";
import { originKey, originNote, parseOrigin } from "./origin.ts";
import { settledKey } from "./settled-note.ts";

/**
 * The notes that go along with a copy of a backup; undefined if there is nothing to note. Whose it is comes
 * from the archive. A verification is about the bytes at one location, a pin about one location's copy, and so is
 * where that has come from there: none of them goes along.
 */
export function notesForCopy({ facts, notes }: BackupAtLocation): BackupNotes | undefined {
  const {
    verification: _,
    pin: _pin,
    [originKey]: _origin,
    [settledKey]: _settled,
    ...others
  } = knownNotes(notes);
  const ours: unknown = facts?.extra[notesKey];
  const origin =
    typeof ours === "object" && ours !== null && originKey in ours
      ? parseOrigin(ours[originKey])
      : undefined;
  const copied = { ...others, ...(origin && { [originKey]: originNote(origin) }) };
  return Object.keys(copied).length === 0 ? undefined : copied;
}
