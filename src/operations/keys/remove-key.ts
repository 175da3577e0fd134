import { boolean, object, optional, strictObject, string } from "valibot";
import { backupsNeeding } from "#jobs/keys/backups-needing.ts";
import { backupKeys } from "#keys/backup-keys.ts";
import type { RingKey } from "#keys/key-ring-port.ts";
import { findKey } from "#keys/find-key.ts";
import { refuseNeeded } from "#keys/refuse-needed.ts";
import { removeKey } from "#keys/remove-key.ts";
import { atLocation } from "../at-location.ts";
import type { HomeContext } from "../home-context.ts";
import { defineOperation } from "../operation.ts";
import { queryFlag } from "../schema/query-flag.ts";
import { givenId } from "../schema/names.ts";
import { keyId } from "./key-schema.ts";

export const removeKeyOperation = defineOperation({
  id: "removeKey",
  summary: "Forget a key that no backup at any location needs, or at one location",
  method: "delete",
  path: "/keys/{key}",
  scope: "admin",
  input: strictObject({
    key: keyId,
    location: optional(givenId),
    giveUpBackups: optional(queryFlag, false),
  }),
  output: object({ removed: string(), name: string(), encrypts: boolean() }),
  async run({ key: id, location, giveUpBackups }, context) {
    const { services, place } = context;
    const store = services.keyRing(place);
    const ring = await store.read();
    const key = findKey(ring, id);
    removeKey(ring, id);
    // Without the right to ask no location nobody could get rid of a key whose location is gone for good.
    if (!giveUpBackups) await refuseIfNeeded(key, location, context);
    const { current } = await store.change((now) => ({ ring: removeKey(now, id) }));
    return { removed: id, name: key.name, encrypts: current !== undefined };
  },
});

async function refuseIfNeeded(
  key: RingKey,
  wanted: string | undefined,
  context: HomeContext,
): Promise<void> {
  const { services, place, signal, person } = context;
  const keys = backupKeys(await services.keyRing(place).reveal(key.id));
  await using open = await services.openLocations(atLocation(context, wanted));
  const { locations, chosen } = open;
  const ids = chosen === undefined ? (await locations.list()).map(({ id }) => id) : [chosen];
  const report = person?.report ?? ((): void => undefined);
  for (const id of ids) {
    const location = await locations.open(id, signal);
    refuseNeeded(key, await backupsNeeding(location, keys, { report, signal }), location.id);
  }
}
