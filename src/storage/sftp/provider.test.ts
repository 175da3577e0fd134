import { strict as assert } from "node:assert";
import {
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { after, before, test } from "node:test";
import type { TestContext } from "node:test";
import { chown } from "node:fs/promises";
import { join } from "node:path";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { lineTo } from "#test/places/line.ts";
import { noOwnMounts, noSshd, startSshd, type Sshd } from "#test/places/sshd.ts";
import { content, listed, readAll, rejectsWith, someBytes } from "../contract/objects.ts";
import { SftpStorage } from "./provider.ts";
import { parseSftpSettings } from "./settings.ts";

const { signal } = new AbortController();

let sshd: Sshd;
before(async () => {
  if (noSshd === false) sshd = await startSshd();
});
after(() => sshd?.[Symbol.asyncDispose]());

async function makePlace(context: TestContext, more: object = {}) {
  const path = await mkdtemp(join(sshd.folder, "place ü $1 "));
  const { uid, gid } = await stat(sshd.folder);
  await chown(path, uid, gid);
  context.after(() => rm(path, { recursive: true, force: true }));
  const { port, user, privateKey } = sshd;
  const settings = {
    host: "127.0.0.1",
    port,
    user,
    privateKey,
    path,
    hostKey: sshd.hostKeys.ed25519,
  };
  return { path, storage: new SftpStorage(parseSftpSettings({ ...settings, ...more })) };
}

keepsStorageContract("sftp", async (context) => (await makePlace(context)).storage);
