import { boolean, object, optional, strictObject, string } from "valibot";
import { backupsNeeding } from "#jobs/keys/backups-needing.ts";
import { backupKeys } from "#keys/backup-keys.ts";
import { findKey } from "#keys/find-key.ts";
import { refuseNeeded } from "#keys/refuse-needed.ts";
import { removeKey } from "#keys/remove-key.ts";
import { defineOperation } from "../operation.ts";
import { queryFlag } from "../schema/query-flag.ts";
import { keyId } from "./key-schema.ts";

export const removeKeyOperation = defineOperation({
  id: "removeKey",
  summary: "Forget a key that no backup needs",
  method: "delete",
  path: "/keys/{key}",
  scope: "admin",
  input: strictObject({ key: keyId, giveUpBackups: optional(queryFlag, false) }),
  output: object({ removed: string(), name: string(), encrypts: boolean() }),
  async run({ key: id, giveUpBackups }, { services, place, signal, person }) {
    const store = services.keyRing(place);
    const ring = await store.read();
    const key = findKey(ring, id);
    removeKey(ring, id);
    if (!giveUpBackups) {
      const keys = backupKeys(await store.reveal(id));
      await using open = await services.openLocation(place);
      const options = { report: person?.report ?? ((): void => undefined), signal };
      const files = await backupsNeeding(open.location, keys, options);
      refuseNeeded(key, files, open.location.id);
    }
    const { current } = await store.change((now) => ({ ring: removeKey(now, id) }));
    return { removed: id, name: key.name, encrypts: current !== undefined };
  },
});
