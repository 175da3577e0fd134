import { optional, picklist, strictObject } from "valibot";
import { findBackup } from "#jobs/backup/list-backups.ts";
import { verifyBackup } from "#jobs/backup/verify-backup.ts";
import { runAlone } from "#jobs/runs/run-alone.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { ringPassword } from "../ring-password.ts";
import { begunSchema } from "../runs/begun-schema.ts";
import { backupReference, locationId, password } from "../schema/names.ts";

export const verifyBackupOperation = defineOperation({
  id: "verifyBackup",
  summary: "Check a backup and remember the outcome",
  method: "post",
  path: "/backups/{backup}/verify",
  scope: "backup",
  startsRun: true,
  input: strictObject({
    backup: backupReference,
    location: optional(locationId),
    level: optional(picklist(["listing", "structure", "content"]), "content"),
    password: optional(password),
  }),
  output: begunSchema,
  async run({ backup, location, level, password: given }, context) {
    const { services, desk } = context;
    const place = atLocation(context, location);
    const askPassword = ringPassword(context, given);
    await using found = await services.openLocation(place);
    const { slug = "", name = "", file } = await findBackup(found.location, backup, context.signal);
    const run = await desk.begin(async ({ begun, signal }) => {
      await using open = await services.openLocation(place);
      await using runs = await services.openRuns(place);
      const { clock } = open.tools;
      const about = { slug, name, fileName: file };
      return await runAlone(
        {
          kind: "verify",
          location: open.location.id,
          backup: about,
          begun,
          signal,
          work: ({ signal: cancelled, report }) => {
            const options = { level, askPassword, clock, report, signal: cancelled };
            return verifyBackup(open.location, file, options);
          },
        },
        runs.tools,
      );
    });
    return { run };
  },
});
