import { strict as assert } from "node:assert";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import type { TestContext } from "node:test";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { RcloneBench, absentRclone, obscured } from "#test/places/rclone.ts";
import { RcloneStorage } from "./provider.ts";
import { parseRcloneSettings } from "./settings.ts";

const { signal } = new AbortController();
const skip = await absentRclone();
const bench = await RcloneBench.make({ after });
const odd = "odd 'name' \"with\" ü $HOME %41 #1 [x] {y} 🏠";

async function opened(settings: { readonly remote: string; readonly config?: string }) {
  const storage = new RcloneStorage(parseRcloneSettings(settings));
  await storage.connect(signal);
  return storage;
}

const remotes: Readonly<Record<string, (path: string) => Promise<RcloneStorage>>> = {
  "a disk": async (path) => opened({ remote: `:local:${path}` }),
  "an encrypted folder": async (path) => {
    const password = await obscured("p 'ä\" $x %41#");
    const config = await bench.config({
      disk: { type: "alias", remote: path },
      secret: { type: "crypt", remote: "disk:", password },
    });
    return opened({ remote: "secret:", config });
  },
  "a WebDAV server": async (path) => {
    const { port } = await bench.serve("webdav", path, "--user", "me", "--pass", "p ä%41");
    const url = `http://127.0.0.1:${port}`;
    const config = await bench.config({
      dav: { type: "webdav", url, vendor: "other", user: "me", pass: await obscured("p ä%41") },
    });
    return opened({ remote: `dav:`, config });
  },
  "an SFTP server": async (path) => {
    const { port } = await bench.serve("sftp", path, "--user", "me", "--pass", "p ä%41");
    const config = await bench.config({
      ssh: { type: "sftp", host: "127.0.0.1", port: String(port), user: "me", pass: await obscured("p ä%41") },
    });
    return opened({ remote: `ssh:`, config });
  },
  "memory": async (path) => opened({ remote: `:memory:${path.slice(1)}` }),
};
for (const [name, make] of Object.entries(remotes).filter(([n]) => (process.env.ONLY ?? n) === n))
  keepsStorageContract(`rclone with ${name}`, async () => make(await bench.newFolder(`${odd} ${Math.random()}`)), 100);
