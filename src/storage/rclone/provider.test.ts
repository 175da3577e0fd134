import { strict as assert } from "node:assert";
import { readdir } from "node:fs/promises";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { MotoServer } from "#test/places/moto.ts";
import { RcloneBench, absentRclone, obscured, servedPassword } from "#test/places/rclone.ts";
import { content, listed, readAll, rejectsWith, someBytes } from "../contract/objects.ts";
import { checksFor, runCheck } from "../contract/storage-contract.ts";
import { createRclonePlace } from "./create-place.ts";
import { RcloneStorage } from "./provider.ts";
import { parseRcloneSettings } from "./settings.ts";

const { signal } = new AbortController();
const skip = await absentRclone();
const bench = await RcloneBench.make();
const moto = await MotoServer.start();
after(async () => {
  await moto.end();
  await bench.end();
});
const odd = "odd 'name' \"with\" ü $HOME %41 #1 [x] {y} 🏠";

async function opened(settings: object): Promise<RcloneStorage> {
  const parsed = parseRcloneSettings(settings);
  await createRclonePlace(parsed);
  const storage = new RcloneStorage(parsed);
  await storage.connect(signal);
  return storage;
}

async function disk(): Promise<{ readonly path: string; readonly storage: RcloneStorage }> {
  const path = await bench.newFolder(odd);
  return { path, storage: await opened({ remote: `:local:${path}` }) };
}

async function served(kind: "webdav" | "sftp"): Promise<RcloneStorage> {
  const { port } = await bench.serve(kind, await bench.newFolder(odd));
  const pass = await obscured(servedPassword);
  const config = await bench.config({
    webdav: { type: "webdav", url: `http://127.0.0.1:${port}`, vendor: "other", user: "me", pass },
    sftp: { type: "sftp", host: "127.0.0.1", port: String(port), user: "me", pass },
  });
  return opened({ remote: `${kind}:${odd}`, config });
}

async function bucket(): Promise<RcloneStorage> {
  const config = await bench.config({ s3: moto.rcloneOptions() });
  return opened({ remote: `s3:${await moto.newBucket()}/${odd}`, config });
}

const remotes: readonly (readonly [string, () => Promise<RcloneStorage>])[] = [
  ["a disk", async () => (await disk()).storage],
  [
    "an encrypted folder",
    async () => {
      const password = await obscured("p 'ä\" $x %41#");
      const config = await bench.config({
        disk: { type: "alias", remote: await bench.newFolder() },
        secret: { type: "crypt", remote: "disk:", password },
      });
      return opened({ remote: "secret:deep/er", config });
    },
  ],
  ["a WebDAV server", () => served("webdav")],
  ["an SFTP server", () => served("sftp")],
  ["memory", () => opened({ remote: ":memory:bucket" })],
];

for (const [name, make] of remotes) {
  if (skip === false) {
    // What a check has left is gone behind it, so one rclone does for all.
    const place = make();
    keepsStorageContract(`rclone with ${name}`, () => place, { manyObjects: 25 });
  } else {
    test(`rclone with ${name} keeps the storage contract`, { skip }, () => undefined);
  }
}

test("rclone with a bucket keeps the storage contract", { skip: skip || moto.absent }, async () => {
  const storage = await bucket();
  // moto itself fails at keys with a new line in them.
  const checks = checksFor(storage).filter(({ promise }) => !promise.startsWith("odd names"));
  for (const check of checks)
    await runCheck(check, { storage, prefix: "check/", signal, manyObjects: 25 });
});

test("nothing of an unfinished object is left at the place", { skip }, async () => {
  const { path, storage } = await disk();
  const writer = await storage.openWrite("sub/x.tar", {}, signal);
  await writer.write(someBytes(3_000_000));
  while ((await readdir(path)).length === 0) await pause(10);
  const [growing = ""] = await readdir(`${path}/sub`);
  assert.match(growing, /^\.safehouse-[0-9a-z-]+\.tmp$/);
  await writer.abort();
  assert.deepEqual(await readdir(`${path}/sub`), []);
  const short = storage.write("short", { ...content(someBytes(900_000)), size: 900_001 }, signal);
  await rejectsWith(short, "damaged");
  assert.deepEqual(await readdir(path), ["sub"]);
});

test(
  "unfinished objects of other kinds of places are not listed and no keys",
  { skip },
  async () => {
    const { storage } = await disk();
    await rejectsWith(storage.stat(".safehouse-x", signal), "not-found");
    for (const name of [
      ".safehouse-0123456789ab-smb.tmp",
      ".safehouse-resume-0123456789abcdef.tmp",
    ])
      await assert.rejects(storage.write(name, content("x"), signal), RangeError);
  },
);

test(
  "an object of the same size replaces the old one where times are not kept",
  { skip },
  async () => {
    const storage = await served("webdav");
    await storage.write("notes", content("old"), signal);
    await storage.write("notes", { ...content("new"), overwrite: true }, signal);
    assert.equal((await readAll({ storage, signal }, "notes")).toString(), "new");
    assert.equal((await listed({ storage, signal }, "")).length, 1);
  },
);

test("a place that is not there is unreachable and never empty", { skip }, async () => {
  const path = `${await bench.newFolder()}/missing`;
  const storage = new RcloneStorage(parseRcloneSettings({ remote: `:local:${path}` }));
  await rejectsWith(Array.fromAsync(storage.list("", signal)), "unreachable");
  await rejectsWith(Array.fromAsync(storage.list("notes/", signal)), "unreachable");
  await rejectsWith(storage.stat("x", signal), "not-found");
});

test(
  "control characters and the symbols that rclone writes for them stay apart",
  { skip },
  async () => {
    const names = [
      "a\nb",
      "a␊b",
      "a‛␊b",
      "a\tb",
      "a\x7fb",
      "a␡b",
      "‛",
      "‛‛",
      "／",
      "．",
      "．．",
      "x．",
    ];
    const { storage } = await disk();
    for (const name of names) await storage.write(name, content(name), signal);
    const found = await listed({ storage, signal }, "");
    assert.deepEqual(new Set(found.map(({ key }) => key)), new Set(names));
    for (const name of names)
      assert.equal((await readAll({ storage, signal }, name)).toString(), name);
  },
);

test(
  "an object in a bucket grows under its own name and is seen when it is whole",
  {
    skip: skip || moto.absent,
  },
  async () => {
    const storage = await bucket();
    const writer = await storage.openWrite("x.tar", {}, signal);
    await writer.write(someBytes(12_000_000));
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    await writer.commit();
    const [object] = await listed({ storage, signal }, "");
    assert.deepEqual(object, await storage.stat("x.tar", signal));
    await storage.write("x.tar", { ...content("new"), overwrite: true }, signal);
    const torn = storage.write(
      "x.tar",
      {
        overwrite: true,
        async *open() {
          yield someBytes(7_000_000);
          throw new Error("torn");
        },
      },
      signal,
    );
    await assert.rejects(torn, /torn/);
    assert.equal((await readAll({ storage, signal }, "x.tar")).toString(), "new");
  },
);
