import { object, optional, strictObject, string } from "valibot";
import { findBackup } from "#jobs/backup/list-backups.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { backupReference, locationId } from "../schema/names.ts";

export const removeBackupOperation = defineOperation({
  id: "removeBackup",
  summary: "Remove a backup for good, by slug or file name",
  method: "delete",
  path: "/backups/{backup}",
  scope: "admin",
  input: strictObject({ backup: backupReference, location: optional(locationId) }),
  output: object({ removed: string(), slug: optional(string()) }),
  async run({ backup, location }, context) {
    await using open = await context.services.openLocation(atLocation(context, location));
    const { file, slug } = await findBackup(open.location, backup, context.signal);
    await open.location.remove(file, context.signal);
    return { removed: file, slug };
  },
});
