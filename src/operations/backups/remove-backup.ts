import { object, optional, strictObject, string } from "valibot";
import { atEachCopy } from "#jobs/locations/at-each-copy.ts";
import { chosenCopies } from "#jobs/locations/chosen-copies.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { backupReference, givenId } from "../schema/names.ts";
import { copyOutcomeSchema } from "./copy-outcome-schema.ts";

export const removeBackupOperation = defineOperation({
  id: "removeBackup",
  summary: "Remove a backup for good wherever it is, or at one location; by slug or file name",
  method: "delete",
  path: "/backups/{backup}",
  scope: "admin",
  input: strictObject({ backup: backupReference, location: optional(givenId) }),
  output: object({
    /** Name of the first file that is gone. */
    removed: optional(string()),
    slug: optional(string()),
    copies: listOf(copyOutcomeSchema),
  }),
  async run({ backup: reference, location: wanted }, context) {
    const { signal } = context;
    await using open = await context.services.openLocations(atLocation(context, wanted));
    const found = await chosenCopies(open, reference, signal);
    const tools = { locations: open.locations, signal };
    const copies = await atEachCopy(found, tools, (location, file) =>
      location.remove(file, signal),
    );
    const removed = copies.find(({ error }) => error === undefined)?.file;
    return { removed, slug: found.backup.slug, copies };
  },
});
