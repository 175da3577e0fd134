import { boolean, number, object, optional, picklist, strictObject, string } from "valibot";
import { listArchive } from "#jobs/archive/list-archive.ts";
import { openBackup } from "#jobs/backup/open-backup.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { backupReference, givenId } from "../schema/names.ts";

const part = object({
  part: string(),
  member: string(),
  size: number(),
  encryption: picklist(["none", "v1", "v2", "v3", "unknown"]),
  listed: boolean(),
});

export const listPartsOperation = defineOperation({
  id: "listParts",
  summary: "List the parts of a backup as its archive holds them; needs no password",
  method: "get",
  path: "/backups/{backup}/parts",
  scope: "read",
  inSetUp: true,
  input: strictObject({ backup: backupReference, location: optional(givenId) }),
  output: object({
    slug: string(),
    name: string(),
    date: string(),
    type: picklist(["full", "partial"]),
    size: number(),
    protected: boolean(),
    homeassistantVersion: optional(string()),
    parts: listOf(part),
    missing: listOf(string()),
    strangers: listOf(string()),
  }),
  async run({ backup, location }, context) {
    await using open = await context.services.openLocation(atLocation(context, location));
    const options = { askPassword: undefined, signal: context.signal };
    await using file = await openBackup(open.location, backup, options);
    return await listArchive(file.archive);
  },
});
