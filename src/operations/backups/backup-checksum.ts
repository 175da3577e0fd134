import { literal, number, object, optional, strictObject, string } from "valibot";
import { archiveChecksum } from "#jobs/backup/archive-checksum.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { backupReference, givenId } from "../schema/names.ts";

export const backupChecksumOperation = defineOperation({
  id: "backupChecksum",
  summary: "Tell the checksum of a backup's archive; reads all of it the first time",
  method: "get",
  path: "/backups/{backup}/checksum",
  scope: "read",
  input: strictObject({ backup: backupReference, location: optional(givenId) }),
  output: object({ algorithm: literal("sha-256"), value: string(), size: number() }),
  async run({ backup, location }, context) {
    await using open = await context.services.openLocation(atLocation(context, location));
    return await archiveChecksum(open.location, backup, context.signal);
  },
});
