import { optional, picklist, strictObject } from "valibot";
import { findBackup } from "#jobs/backup/list-backups.ts";
import { verifyBackup } from "#jobs/backup/verify-backup.ts";
import { atLocation } from "../at-location.ts";
import { defineRunOperation } from "../operation.ts";
import { backupReference, givenId, password } from "../schema/names.ts";
import { verificationSchema } from "./verification-schema.ts";
import { beginVerify } from "./verify-run.ts";

export const verifyBackupOperation = defineRunOperation({
  id: "verifyBackup",
  summary: "Check a backup and remember the outcome",
  method: "post",
  path: "/backups/{backup}/verify",
  scope: "backup",
  input: strictObject({
    backup: backupReference,
    location: optional(givenId),
    level: optional(picklist(["listing", "structure", "content"]), "content"),
    password: optional(password),
  }),
  result: verificationSchema,
  async run({ backup: reference, ...wanted }, context) {
    const place = atLocation(context, wanted.location);
    await using found = await context.services.openLocation(place);
    const {
      slug = "",
      name = "",
      file,
    } = await findBackup(found.location, reference, context.signal);
    const run = await beginVerify(context, {
      location: undefined,
      password: undefined,
      ...wanted,
      backup: { slug, name, fileName: file },
      verify: (location, options) => verifyBackup(location, file, options),
    });
    return { run };
  },
});
