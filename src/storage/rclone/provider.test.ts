import { test } from "node:test";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { RcloneBench, absentRclone } from "#test/places/rclone.ts";
import { RcloneStorage } from "./provider.ts";
import { parseRcloneSettings } from "./settings.ts";

const { signal } = new AbortController();
const skip = await absentRclone();

keepsStorageContract("rclone on a disk", async (context) => {
  const bench = await RcloneBench.make(context);
  const storage = new RcloneStorage(
    parseRcloneSettings({ remote: `:local:${await bench.newFolder("place")}` }),
  );
  await storage.connect(signal);
  return storage;
});
