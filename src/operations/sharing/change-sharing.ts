import { boolean, optional, strictObject } from "valibot";
import { defineOperation } from "../operation.ts";
import { describeSharing, sharingSchema } from "./sharing-schema.ts";

export const changeSharingOperation = defineOperation({
  id: "changeSharing",
  summary: "Change how WebDAV may be reached; what is not named stays",
  method: "patch",
  path: "/sharing",
  scope: "admin",
  input: strictObject({ webdavOverHttp: optional(boolean()) }),
  output: sharingSchema,
  async run({ webdavOverHttp }, context) {
    const sharing = await context.services.sharing(context.place).change((before) => ({
      ...before,
      webdavOverHttp: webdavOverHttp ?? before.webdavOverHttp,
    }));
    return describeSharing(sharing, context);
  },
});
