import { object, optional, picklist, strictObject, string, union } from "valibot";
import { verifyBackups } from "#jobs/backup/verify-backups.ts";
import { defineRunOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { givenId, password } from "../schema/names.ts";
import { verificationSchema } from "./verification-schema.ts";
import { beginVerify } from "./verify-run.ts";

const unopened = object({
  file: string(),
  error: object({ problem: string(), message: string() }),
});

export const verifyAllBackupsOperation = defineRunOperation({
  id: "verifyAllBackups",
  summary: "Check every backup at a location and remember the outcomes",
  method: "post",
  path: "/backups/verify",
  scope: "backup",
  input: strictObject({
    location: optional(givenId),
    level: optional(picklist(["listing", "structure", "content"]), "content"),
    password: optional(password),
  }),
  result: object({ backups: listOf(union([verificationSchema, unopened])) }),
  async run(wanted, context) {
    const run = await beginVerify(context, {
      location: undefined,
      password: undefined,
      ...wanted,
      backup: undefined,
      verify: async (location, options) => ({ backups: await verifyBackups(location, options) }),
    });
    return { run };
  },
});
