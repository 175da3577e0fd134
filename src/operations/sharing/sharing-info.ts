import { strictObject } from "valibot";
import { defineOperation } from "../operation.ts";
import { describeSharing, sharingSchema } from "./sharing-schema.ts";

export const sharingInfoOperation = defineOperation({
  id: "sharingInfo",
  summary: "How the files of the backups are shared",
  method: "get",
  path: "/sharing",
  scope: "read",
  input: strictObject({}),
  output: sharingSchema,
  async run(_, context) {
    const sharing = await context.services.sharing(context.place).read();
    return describeSharing(sharing, context);
  },
});
