import { object, optional, strictObject, string } from "valibot";
import { listBackups } from "#jobs/backup/list-backups.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { locationId } from "../schema/names.ts";
import { backupSchema } from "./backup-schema.ts";

export const listBackupsOperation = defineOperation({
  id: "listBackups",
  summary: "List the backups, newest first",
  method: "get",
  path: "/backups",
  scope: "read",
  input: strictObject({ location: optional(locationId) }),
  output: object({
    backups: listOf(backupSchema),
    others: listOf(object({ file: string(), message: string() })),
  }),
  async run({ location }, context) {
    await using open = await context.services.openLocation(atLocation(context, location));
    return await listBackups(open.location, context.signal);
  },
});
