import { unpinBackup } from "#jobs/notes/pin-backup.ts";
import { defineOperation } from "../operation.ts";
import { pinInput, pinned, setPin } from "./set-pin.ts";

export const unpinBackupOperation = defineOperation({
  id: "unpinBackup",
  summary: "Leave a backup to the rules again, wherever it is or at one location",
  method: "post",
  path: "/backups/{backup}/unpin",
  scope: "backup",
  input: pinInput,
  output: pinned,
  run: async (wanted, context) => ({
    ...(await setPin(wanted, context, unpinBackup)),
    pinned: false,
  }),
});
