import { test } from "node:test";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { daemonPlaces } from "#test/places/rsync-places.ts";

const { skip, makePlace } = daemonPlaces();

if (skip === false)
  keepsStorageContract("rsync", async (context) => (await makePlace(context)).storage, {
    manyObjects: 12,
    atOnce: 5,
  });
else test("rsync keeps the storage contract", { skip }, () => undefined);
