import { object, optional, strictObject, string, type InferOutput } from "valibot";
import { chosenCopies } from "#jobs/locations/chosen-copies.ts";
import { readNote } from "#jobs/notes/read-note.ts";
import { OpenRing } from "#keys/open-ring.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { backupReference, givenId } from "../schema/names.ts";
import { copyEntries, groupedBackupEntries, locationAnswerSchema } from "./backup-schema.ts";

/** Absent without a note, and where no key of the ring opens it. */
const noteText = optional(string());

const output = object({
  ...groupedBackupEntries,
  copies: listOf(object({ ...copyEntries, noteText })),
  /** Locations that did not answer. */
  silent: listOf(locationAnswerSchema),
});

/** As it comes over the wire. */
export type BackupInfoDocument = InferOutput<typeof output>;

export const backupInfoOperation = defineOperation({
  id: "backupInfo",
  summary: "Tell what is in a backup and where it is, by slug or file name",
  method: "get",
  path: "/backups/{backup}",
  scope: "read",
  inSetUp: true,
  input: strictObject({ backup: backupReference, location: optional(givenId) }),
  output,
  async run({ backup: reference, location }, context) {
    const { services, place, signal } = context;
    await using open = await services.openLocations(atLocation(context, location));
    const { backup, silent } = await chosenCopies(open, reference, signal);
    const ring = new OpenRing(services.keyRing(place));
    const copies: BackupInfoDocument["copies"][number][] = [];
    for (const copy of backup.copies)
      copies.push({ ...copy, noteText: await readNote({ ...backup, note: copy.note }, ring) });
    return { ...backup, copies, silent };
  },
});
