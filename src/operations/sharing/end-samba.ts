import { strictObject } from "valibot";
import { defineOperation } from "../operation.ts";
import { describeSharing, sharingSchema } from "./sharing-schema.ts";

export const endSambaOperation = defineOperation({
  id: "endSamba",
  summary: "Share the folder of backups by Samba no longer, and forget its password",
  method: "delete",
  path: "/sharing/samba",
  scope: "admin",
  input: strictObject({}),
  output: sharingSchema,
  async run(_, context) {
    const store = context.services.sharing(context.place);
    const sharing = await store.change((before) => ({ ...before, samba: undefined }));
    await context.share?.apply();
    return describeSharing(sharing, context);
  },
});
