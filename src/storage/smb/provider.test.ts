import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { freshFolder, noSamba, SambaServer } from "#test/places/samba.ts";
import { SmbStorage } from "./provider.ts";
import { parseSmbSettings } from "./settings.ts";

test("smb", { skip: noSamba }, async (context) => {
  const server = await SambaServer.start(context);
  const storage = new SmbStorage(parseSmbSettings({ ...server.settings, path: freshFolder(server) }));
  const { checksFor, runCheck } = await import("../contract/storage-contract.ts");
  for (const check of checksFor(storage)) {
    await context.test(check.promise, async () => {
      await runCheck(check, { storage, prefix: "check/", signal: new AbortController().signal, manyObjects: 1000 });
    });
  }
});
