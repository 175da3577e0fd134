import { strict as assert } from "node:assert";
import { chown, mkdtemp, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import type { TestContext } from "node:test";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { noRsync, startRsyncd, type Rsyncd } from "#test/places/rsyncd.ts";
import { noSshd, startSshd, type Sshd } from "#test/places/sshd.ts";
import { RsyncStorage } from "./provider.ts";
import { parseRsyncSettings } from "./settings.ts";

const { signal } = new AbortController();
const skip = noRsync;
const skipSsh = noRsync === false ? noSshd : noRsync;

let rsyncd: Rsyncd;
let sshd: Sshd;
before(async () => {
  if (skip === false) rsyncd = await startRsyncd();
  if (skipSsh === false) sshd = await startSshd();
});
after(async () => {
  await rsyncd?.[Symbol.asyncDispose]();
  await sshd?.[Symbol.asyncDispose]();
});

async function makePlace(context: TestContext, more: object = {}) {
  const path = await mkdtemp(join(rsyncd.folder, "place ü $1 "));
  const { uid, gid } = await stat(rsyncd.folder);
  await chown(path, uid, gid);
  context.after(() => rm(path, { recursive: true, force: true }));
  const settings = {
    host: "127.0.0.1",
    port: rsyncd.port,
    module: "data",
    path: basename(path),
    ...more,
  };
  return { path, settings, storage: new RsyncStorage(parseRsyncSettings(settings)) };
}

async function makeSshPlace(context: TestContext, more: object = {}) {
  const path = await mkdtemp(join(sshd.folder, "place ü $1 "));
  const { uid, gid } = await stat(sshd.folder);
  await chown(path, uid, gid);
  context.after(() => rm(path, { recursive: true, force: true }));
  const { port, user, privateKey, hostKeys } = sshd;
  const settings = {
    host: "127.0.0.1",
    port,
    user,
    privateKey,
    path,
    hostKey: hostKeys.ed25519,
    ...more,
  };
  return { path, settings, storage: new RsyncStorage(parseRsyncSettings(settings)) };
}

if (skip === false)
  keepsStorageContract("rsync", async (context) => (await makePlace(context)).storage, 40);
else test("rsync keeps the storage contract", { skip }, () => undefined);
if (skipSsh === false)
  keepsStorageContract(
    "rsync over SSH",
    async (context) => (await makeSshPlace(context)).storage,
    10,
  );
else test("rsync over SSH keeps the storage contract", { skip: skipSsh }, () => undefined);
void signal;
void assert;
