import { maxLength, object, optional, pipe, strictObject, string } from "valibot";
import { atEachCopy } from "#jobs/locations/at-each-copy.ts";
import { chosenCopies } from "#jobs/locations/chosen-copies.ts";
import { noteBackup } from "#jobs/notes/note-backup.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { ringPassword } from "../ring-password.ts";
import { listOf } from "../schema/list-of.ts";
import { backupReference, givenId, password } from "../schema/names.ts";
import { copyOutcomeSchema } from "./copy-outcome-schema.ts";

export const noteBackupOperation = defineOperation({
  id: "noteBackup",
  summary:
    "Write a note about a backup, sealed with its key if it is encrypted; an empty one removes it",
  method: "put",
  path: "/backups/{backup}/note",
  scope: "backup",
  input: strictObject({
    backup: backupReference,
    location: optional(givenId),
    text: pipe(string(), maxLength(100_000)),
    password: optional(password),
  }),
  output: object({
    slug: optional(string()),
    name: optional(string()),
    copies: listOf(copyOutcomeSchema),
  }),
  async run({ backup: reference, location: wanted, text, password: given }, context) {
    const { signal } = context;
    await using open = await context.services.openLocations(atLocation(context, wanted));
    const { locations, clock } = open;
    const found = await chosenCopies(open, reference, signal);
    const askPassword = ringPassword(context, given);
    const copies = await atEachCopy(found, { locations, signal }, (location, file) =>
      noteBackup(location, file, { text, askPassword, clock, signal }),
    );
    const { slug, name } = found.backup;
    return { slug, name, copies };
  },
});
