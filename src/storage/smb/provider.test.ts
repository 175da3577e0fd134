import { strict as assert } from "node:assert";
import { readdirSync, writeFileSync } from "node:fs";
import { mkdir, readdir, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { loops } from "#test/loops.ts";
import { freshFolder, noSamba, SambaServer } from "#test/places/samba.ts";
import {
  content,
  listed,
  readAll,
  rejectsWith,
  sameBytes,
  someBytes,
} from "../contract/objects.ts";
import { SmbStorage } from "./provider.ts";
import { parseSmbSettings } from "./settings.ts";

const { signal } = new AbortController();
const options = { skip: noSamba };
const server = noSamba ? undefined : await SambaServer.start();
after(() => server?.end());

/** A storage in a fresh folder of the share, and where that lies here. */
function makePlace(): { storage: SmbStorage; path: string; name: string; server: SambaServer } {
  if (server === undefined) throw new Error("No server");
  const name = freshFolder(server);
  const storage = new SmbStorage(parseSmbSettings({ ...server.settings, path: name }));
  return { storage, path: join(server.data, name), name, server };
}

if (noSamba) test("smb keeps the storage contract", options, () => undefined);
else keepsStorageContract("smb", async () => makePlace().storage, { manyObjects: 200 });

test("Samba's own client reads what was written, and the other way round", options, async () => {
  const { storage, name, server, path } = makePlace();
  const bytes = someBytes(3_000_000);
  await storage.write("ours.tar", content(bytes), signal);
  await writeFile(join(server.folder, "theirs"), bytes);
  const there = join(server.folder, "fetched");
  await server.client(
    `cd "${name}"`,
    `get ours.tar ${there}`,
    `put ${join(server.folder, "theirs")} theirs.tar`,
  );
  const { readFile } = await import("node:fs/promises");
  assert.deepEqual(await readFile(there), bytes);
  sameBytes(await readAll({ storage, signal }, "theirs.tar"), bytes);
  assert.deepEqual((await readdir(path)).toSorted(), ["ours.tar", "theirs.tar"]);
});

test(
  "names that SMB does not allow come back as they were, by the usual characters",
  options,
  async () => {
    const { storage, path } = makePlace();
    const names = [
      'a:b*c?"<>|\\.tar',
      "ends with a dot.",
      "ends with a blank ",
      "bell\u0007",
      "~1",
    ];
    for (const name of names) await storage.write(name, content(name), signal);
    assert.deepEqual(
      (await listed({ storage, signal }, "")).map(({ key }) => key),
      names.toSorted(),
    );
    const onDisk = await readdir(path);
    assert.ok(onDisk.includes("a\uf022b\uf021c\uf025\uf020\uf023\uf024\uf027\uf026.tar"));
    assert.ok(onDisk.includes("ends with a dot\uf029"));
    await rejectsWith(storage.write("private \uf022", content("x"), signal), "unsupported");
    await rejectsWith(storage.write("x".repeat(300), content("x"), signal), "unsupported");
  },
);

test(
  "a folder that is missing is unreachable, never empty and never created",
  options,
  async () => {
    const { server } = makePlace();
    const path = "no such/folder";
    const storage = new SmbStorage(parseSmbSettings({ ...server.settings, path }));
    await rejectsWith(Array.fromAsync(storage.list("", signal)), "unreachable");
    await rejectsWith(Array.fromAsync(storage.list("deep/", signal)), "unreachable");
    await rejectsWith(storage.write("x.tar", content("x"), signal), "unreachable");
    await rejectsWith(storage.write("deep/x.tar", content("x"), signal), "unreachable");
    await rejectsWith(storage.stat("x.tar", signal), "unreachable");
    await rejectsWith(storage.read("x.tar", undefined, signal), "unreachable");
    await rejectsWith(storage.remove("x.tar", signal), "unreachable");
    await rejectsWith(storage.freeSpace(signal), "unreachable");
    assert.ok(!readdirSync(server.data).includes("no such"));
  },
);

test(
  "set-up makes the folder, with blanks, umlauts and what SMB does not allow",
  options,
  async () => {
    const { server } = makePlace();
    const { prepareSmbFolder } = await import("./prepare.ts");
    const settings = parseSmbSettings({
      ...server.settings,
      path: "/Sicherungen ü/$HOME: 100 %#/",
    });
    await prepareSmbFolder(settings);
    await prepareSmbFolder(settings);
    const storage = new SmbStorage(settings);
    await storage.write("x.tar", content("x"), signal);
    assert.equal((await listed({ storage, signal }, "")).length, 1);
  },
);

test(
  "folders are no objects, and links that lead out of the share lead nowhere",
  options,
  async () => {
    const { storage, path, server } = makePlace();
    await mkdir(join(path, "folder.tar"));
    await writeFile(join(server.folder, "secret"), "secret");
    await symlink(join(server.folder, "secret"), join(path, "link.tar"));
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    await rejectsWith(storage.stat("folder.tar", signal), "not-found");
    await rejectsWith(storage.open("folder.tar", signal), "not-found");
    await rejectsWith(storage.write("folder.tar", content("x"), signal), "already-exists");
    await assert.rejects(storage.read("link.tar", undefined, signal), { name: "StorageError" });
  },
);

test("folders go with their last object, and those of others stay", options, async () => {
  const { storage, path } = makePlace();
  await mkdir(join(path, "theirs"));
  await storage.write("a/b/c", content("x"), signal);
  await storage.write("a/d", content("x"), signal);
  await storage.remove("a/b/c", signal);
  assert.deepEqual(await readdir(join(path, "a")), ["d"]);
  await storage.remove("a/d", signal);
  assert.deepEqual(await readdir(path), ["theirs"]);
});

test("an object that is given up takes no space", options, async () => {
  const { storage, path } = makePlace();
  const writer = await storage.openWrite("sub/x.tar", {}, signal);
  await writer.write(someBytes(2_000_000));
  assert.equal((await readdir(join(path, "sub"))).length, 1);
  await writer.abort();
  assert.deepEqual(await readdir(join(path, "sub")), []);
});

test("names of unfinished objects are refused as keys", options, async () => {
  const { storage } = makePlace();
  const name = ".safehouse-0123456789ab-smb.tmp";
  await assert.rejects(storage.write(name, content("x"), signal), RangeError);
  await assert.rejects(storage.stat(`a/${name}`, signal), RangeError);
});

test(
  "what dead writers have left is removed, what may be continued only after a week",
  options,
  async () => {
    const { storage, path } = makePlace();
    await mkdir(join(path, ".safehouse"));
    const name = (number: number, kind: string) => `.safehouse-${number}23456789abc-${kind}.tmp`;
    const left = [name(1, "smb"), join(".safehouse", name(2, "smb"))];
    const old = [name(3, "part"), name(4, "1-1-01234567-01234567")];
    const young = [name(5, "part"), name(6, "1-1-01234567-01234567")];
    for (const file of [...left, ...old, ...young]) writeFileSync(join(path, file), "12345");
    const longAgo = Date.now() / 1000 - 8 * 24 * 3600;
    for (const file of old) await utimes(join(path, file), longAgo, longAgo);
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    const removed = await storage.removeLeftovers(signal);
    assert.deepEqual(removed.map(({ key }) => key).toSorted(), [...left, ...old].toSorted());
    assert.ok(removed.every(({ size }) => size === 5));
    assert.deepEqual((await readdir(path)).toSorted(), [".safehouse", ...young].toSorted());
  },
);

test("another program's writer is no leftover while it lives", options, async () => {
  const { storage, path, name, server } = makePlace();
  const other = new SmbStorage(parseSmbSettings({ ...server.settings, path: name }));
  await using writer = await other.openWrite("x.tar", {}, signal);
  await writer.write(someBytes(100_000));
  assert.deepEqual(await storage.removeLeftovers(signal), []);
  await writer.commit();
  assert.deepEqual(await readdir(path), ["x.tar"]);
});

test(
  "of many writers of one new key, each with its own connection, only one succeeds",
  options,
  async () => {
    const { name, server, storage } = makePlace();
    for (let round = 0; round < loops(5); round += 1) {
      const key = `contested-${round}`;
      const writers = await Promise.all(
        Array.from({ length: 6 }, async (_, number) => {
          const place = new SmbStorage(parseSmbSettings({ ...server.settings, path: name }));
          const writer = await place.openWrite(key, {}, signal);
          await writer.write(Buffer.from(String(number)));
          return writer;
        }),
      );
      const outcomes = await Promise.allSettled(writers.map((writer) => writer.commit()));
      await Promise.all(writers.map((writer) => writer.abort()));
      const won = outcomes.map(({ status }) => status).indexOf("fulfilled");
      assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
      assert.equal((await readAll({ storage, signal }, key)).toString(), String(won));
    }
  },
);

test("a note that somebody reads is replaced as soon as that is done", options, async () => {
  const { storage } = makePlace();
  await storage.write("note", content("old"), signal);
  const reader = await storage.open("note", signal);
  const writing = storage.write("note", { ...content("new"), overwrite: true }, signal);
  setTimeout(() => void reader.close(), 120);
  await writing;
  assert.equal((await readAll({ storage, signal }, "note")).toString(), "new");
});

test(
  "replacing what somebody goes on reading is busy, and leaves it as it was",
  options,
  async () => {
    const { storage, path } = makePlace();
    await storage.write("note", content("old"), signal);
    const reader = await storage.open("note", signal);
    const writing = storage.write("note", { ...content("new"), overwrite: true }, signal);
    await rejectsWith(writing, "busy");
    assert.equal(Buffer.from(await reader.read(0, 10)).toString(), "old");
    await reader.close();
    assert.deepEqual(await readdir(path), ["note"]);
  },
);

test("two thousand backups with their notes are listed at once", options, async () => {
  const { storage, path } = makePlace();
  await mkdir(join(path, ".safehouse"));
  for (let at = 0; at < 2000; at += 1) {
    writeFileSync(join(path, `backup-${at}.tar`), "x");
    writeFileSync(join(path, ".safehouse", `${at}.json`), "{}");
    writeFileSync(join(path, ".safehouse", `${at}.index`), "x");
  }
  assert.equal((await listed({ storage, signal }, "")).length, 2000);
  assert.equal((await listed({ storage, signal }, ".safehouse/")).length, 4000);
});

test("a few bytes out of a huge archive are read without the rest", options, async () => {
  const { storage, path } = makePlace();
  await writeFile(join(path, "huge.tar"), "header");
  await truncate(join(path, "huge.tar"), 5_000_000_000);
  const source = await storage.open("huge.tar", signal);
  assert.equal(source.size, 5_000_000_000);
  assert.equal(Buffer.from(await source.read(0, 6)).toString(), "header");
  assert.equal((await source.read(4_999_999_000, 5000)).length, 1000);
  await source.close();
  assert.equal(
    (await readAll({ storage, signal }, "huge.tar", { offset: 4_999_999_999 })).length,
    1,
  );
});

test(
  "an announced size that cannot fit is refused before any byte, with both numbers",
  options,
  async () => {
    const { storage, path } = makePlace();
    const writing = storage.write("x.tar", { ...content("x"), size: 2 ** 52 }, signal);
    await assert.rejects(writing, (error: Error & { problem?: string; facts?: object }) => {
      assert.equal(error.problem, "full");
      assert.match(JSON.stringify(error.facts), /"neededBytes":4503599627370496,"freeBytes":\d+/);
      return true;
    });
    assert.deepEqual(await readdir(path), []);
  },
);
