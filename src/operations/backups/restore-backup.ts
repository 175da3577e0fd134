import { boolean, optional, strictObject } from "valibot";
import { findBackup } from "#jobs/backup/list-backups.ts";
import { openBackup } from "#jobs/backup/open-backup.ts";
import { restoreBackup } from "#jobs/restore/restore-backup.ts";
import { runAlone } from "#jobs/runs/run-alone.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { ringPassword } from "../ring-password.ts";
import { serviceEntries } from "../restores/service-schema.ts";
import { begunSchema } from "../runs/begun-schema.ts";
import { backupReference, locationId, password } from "../schema/names.ts";
import { selectionEntries } from "./selection-schema.ts";

export const restoreBackupOperation = defineOperation({
  id: "restoreBackup",
  summary: "Restore a backup, or with dryRun tell what that would change",
  method: "post",
  path: "/backups/{backup}/restore",
  scope: "restore",
  inSetUp: true,
  startsRun: true,
  input: strictObject({
    backup: backupReference,
    location: optional(locationId),
    password: optional(password),
    ...selectionEntries,
    ...serviceEntries,
    dryRun: optional(boolean(), false),
    exact: optional(boolean(), false),
    replaceUndo: optional(boolean(), false),
  }),
  output: begunSchema,
  async run(input, context) {
    const { services, desk } = context;
    const place = atLocation(context, input.location);
    const askPassword = ringPassword(context, input.password);
    const { homeassistant, excludeDatabase, folders, addons, ...agreed } = input;
    const selection = {
      excludeDatabase,
      folders,
      addons,
      ...(homeassistant === undefined ? {} : { homeassistant }),
    };
    // A wrong password is told at once, and nothing of the home is touched for it.
    await using found = await services.openLocation(place);
    const {
      slug = "",
      name = "",
      file,
    } = await findBackup(found.location, input.backup, context.signal);
    const opened = await openBackup(found.location, file, { askPassword, signal: context.signal });
    await opened[Symbol.asyncDispose]();
    const { keys } = opened;
    const run = await desk.begin(async ({ begun, signal }) => {
      await using home = await services.openHome(place);
      await using runs = await services.openRuns(place);
      const { installation, location } = home;
      const backup = { slug, name, fileName: file };
      const about = { kind: "restore", location: location.id, backup, begun, signal } as const;
      return await runAlone(
        {
          ...about,
          work: async ({ signal: cancelled, report }) => {
            await using _ = await home.hold("restore", cancelled);
            const options = { askPassword: async () => keys, signal: cancelled };
            await using archive = await openBackup(location, file, options);
            const request = { ...agreed, selection };
            return await restoreBackup(archive, request, {
              installation,
              report,
              signal: cancelled,
            });
          },
        },
        runs.tools,
      );
    });
    return { run };
  },
});
