import { number, object, optional, strictObject } from "valibot";
import { listBackups } from "#jobs/backup/list-backups.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { locationId } from "../schema/names.ts";

export const reloadBackupsOperation = defineOperation({
  id: "reloadBackups",
  summary: "Forget what is remembered of a location and read every archive's headers again",
  method: "post",
  path: "/backups/reload",
  scope: "backup",
  input: strictObject({ location: optional(locationId) }),
  output: object({ backups: number(), others: number() }),
  async run({ location }, context) {
    await using open = await context.services.openLocation(atLocation(context, location));
    await open.location.doubt();
    const { backups, others } = await listBackups(open.location, context.signal);
    return { backups: backups.length, others: others.length };
  },
});
