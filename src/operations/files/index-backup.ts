import { optional, strictObject } from "valibot";
import { indexBackup } from "#jobs/backup/index-backup.ts";
import { findBackup } from "#jobs/backup/list-backups.ts";
import { openBackup } from "#jobs/backup/open-backup.ts";
import { runAlone } from "#jobs/runs/run-alone.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { ringPassword } from "../ring-password.ts";
import { begunSchema } from "../runs/begun-schema.ts";
import { backupReference, givenId, password } from "../schema/names.ts";

export const indexBackupOperation = defineOperation({
  id: "indexBackup",
  summary: "Read a backup that others made once, so that its files can be listed and fetched",
  method: "post",
  path: "/backups/{backup}/index",
  scope: "restore",
  startsRun: true,
  input: strictObject({
    backup: backupReference,
    location: optional(givenId),
    password: optional(password),
  }),
  output: begunSchema,
  async run({ backup, location, password: given }, context) {
    const { services, desk, signal: asked } = context;
    const place = atLocation(context, location);
    await using found = await services.openLocation(place);
    const { slug = "", name = "", file } = await findBackup(found.location, backup, asked);
    // A wrong password is told at once.
    const askPassword = ringPassword(context, given);
    const opened = await openBackup(found.location, file, { askPassword, signal: asked });
    await opened[Symbol.asyncDispose]();
    const { keys } = opened;
    const run = await desk.begin(async ({ begun, signal }) => {
      await using open = await services.openLocation(place);
      await using runs = await services.openRuns(place);
      const tools = services.archiveTools(place);
      return await runAlone(
        {
          // It also checks whatever protects the archive.
          kind: "verify",
          location: open.location.id,
          backup: { slug, name, fileName: file },
          begun,
          signal,
          work: ({ signal: cancelled, report }) => {
            const options = { tools, askPassword: async () => keys, report, signal: cancelled };
            return indexBackup(open.location, file, options);
          },
        },
        runs.tools,
      );
    });
    return { run };
  },
});
