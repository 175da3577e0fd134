import { optional, strictObject } from "valibot";
import { findBackup } from "#jobs/backup/list-backups.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { backupReference, locationId } from "../schema/names.ts";
import { backupSchema } from "./backup-schema.ts";

export const backupInfoOperation = defineOperation({
  id: "backupInfo",
  summary: "Tell what is in a backup, by slug or file name",
  method: "get",
  path: "/backups/{backup}",
  scope: "read",
  input: strictObject({ backup: backupReference, location: optional(locationId) }),
  output: backupSchema,
  async run({ backup, location }, context) {
    await using open = await context.services.openLocation(atLocation(context, location));
    return await findBackup(open.location, backup, context.signal);
  },
});
