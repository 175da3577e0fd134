import { pinBackup } from "#jobs/notes/pin-backup.ts";
import { defineOperation } from "../operation.ts";
import { pinInput, pinned, setPin } from "./set-pin.ts";

export const pinBackupOperation = defineOperation({
  id: "pinBackup",
  summary: "Keep a backup whatever rules say, wherever it is or at one location",
  method: "post",
  path: "/backups/{backup}/pin",
  scope: "backup",
  input: pinInput,
  output: pinned,
  run: async (wanted, context) => ({
    ...(await setPin(wanted, context, pinBackup)),
    pinned: true,
  }),
});
