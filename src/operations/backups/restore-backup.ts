import { boolean, optional, strictObject } from "valibot";
import { findBackup } from "#jobs/backup/list-backups.ts";
import { openBackup } from "#jobs/backup/open-backup.ts";
import { atLocation } from "../at-location.ts";
import { defineRunOperation } from "../operation.ts";
import { ringPassword } from "../ring-password.ts";
import { restoredSchema } from "../restores/restored-schema.ts";
import { serviceFor } from "../restores/service-for.ts";
import { serviceEntries } from "../restores/service-schema.ts";
import { backupReference, givenId, password } from "../schema/names.ts";
import { beginRestore } from "./restore-run.ts";
import { selectionEntries } from "./selection-schema.ts";

export const restoreBackupOperation = defineRunOperation({
  id: "restoreBackup",
  summary: "Restore a backup, or with dryRun tell what that would change",
  method: "post",
  path: "/backups/{backup}/restore",
  scope: "restore",
  inSetUp: true,
  input: strictObject({
    backup: backupReference,
    location: optional(givenId),
    password: optional(password),
    ...selectionEntries,
    ...serviceEntries,
    dryRun: optional(boolean(), false),
    exact: optional(boolean(), false),
    replaceUndo: optional(boolean(), false),
  }),
  result: restoredSchema,
  async run(input, context) {
    const { backup: reference, location: at, password: given, ...wanted } = input;
    const { homeassistant, excludeDatabase, folders, addons, ...agreed } = wanted;
    const place = atLocation(context, at);
    const askPassword = ringPassword(context, given);
    const selection = {
      excludeDatabase,
      folders,
      addons,
      ...(homeassistant === undefined ? {} : { homeassistant }),
    };
    // A wrong password is told at once, and nothing of the home is touched for it.
    await using found = await context.services.openLocation(place);
    const { location } = found;
    const { slug = "", name = "", file } = await findBackup(location, reference, context.signal);
    const opened = await openBackup(location, file, { askPassword, signal: context.signal });
    await opened[Symbol.asyncDispose]();
    const { keys } = opened;
    const run = await beginRestore(context, {
      place,
      backup: { slug, name, fileName: file },
      request: { ...agreed, ...(await serviceFor(context, agreed.stopped)), selection },
      open: (there, signal) => openBackup(there, file, { askPassword: async () => keys, signal }),
      recovered: found.recovered,
    });
    return { run };
  },
});
