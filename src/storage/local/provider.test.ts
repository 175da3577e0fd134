import { strict as assert } from "node:assert";
import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { content, listed, rejectsWith, someBytes } from "../contract/objects.ts";
import { LocalStorage } from "./provider.ts";
import { parseLocalSettings } from "./settings.ts";

const { signal } = new AbortController();

async function temporaryFolder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "safehouse-local-"));
  context.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function makeLocal(context: TestContext): Promise<{ path: string; storage: LocalStorage }> {
  const path = await temporaryFolder(context);
  return { path, storage: new LocalStorage(parseLocalSettings({ path, reserveBytes: 0 })) };
}

keepsStorageContract("local", async (context) => (await makeLocal(context)).storage);

test("a folder that is missing is unreachable, never empty and never created", async (context) => {
  const path = join(await temporaryFolder(context), "not-mounted");
  const storage = new LocalStorage(parseLocalSettings({ path }));
  await rejectsWith(Array.fromAsync(storage.list("", signal)), "unreachable");
  await rejectsWith(storage.write("x.tar", content("x"), signal), "unreachable");
  await rejectsWith(storage.write("deep/x.tar", content("x"), signal), "unreachable");
  await rejectsWith(storage.stat("x.tar", signal), "unreachable");
  await rejectsWith(storage.remove("x.tar", signal), "unreachable");
  await assert.rejects(stat(path), { code: "ENOENT" });
});

test("links in the folder are neither listed nor followed", async (context) => {
  const { path, storage } = await makeLocal(context);
  const outside = await temporaryFolder(context);
  await writeFile(join(outside, "secret"), "secret");
  await symlink(join(outside, "secret"), join(path, "link.tar"));
  await symlink(outside, join(path, "folder"));
  assert.deepEqual(await listed({ storage, signal }, ""), []);
  await rejectsWith(storage.read("link.tar", undefined, signal), "not-found");
  await rejectsWith(storage.open("link.tar", signal), "not-found");
  await rejectsWith(storage.read("folder/secret", undefined, signal), "denied");
  await rejectsWith(storage.open("folder/secret", signal), "denied");
  await rejectsWith(storage.write("folder/new", content("x"), signal), "denied");
  await rejectsWith(storage.remove("folder/secret", signal), "denied");
  await rejectsWith(Array.fromAsync(storage.list("folder/", signal)), "denied");
  assert.deepEqual(await readdir(outside), ["secret"]);
});

test("replacing a link replaces the link and not what it points to", async (context) => {
  const { path, storage } = await makeLocal(context);
  const outside = await temporaryFolder(context);
  await writeFile(join(outside, "file"), "kept");
  await symlink(join(outside, "file"), join(path, "link.tar"));
  await storage.write("link.tar", { ...content("new"), overwrite: true }, signal);
  assert.equal((await stat(join(outside, "file"))).size, 4);
  assert.equal((await storage.stat("link.tar", signal)).size, 3);
});

test("a pipe in the folder is no object and does not stop a reader", async (context) => {
  const { path, storage } = await makeLocal(context);
  await promisify(execFile)("mkfifo", [join(path, "pipe.tar")]);
  assert.deepEqual(await listed({ storage, signal }, ""), []);
  await rejectsWith(storage.open("pipe.tar", signal), "not-found");
  await rejectsWith(storage.read("pipe.tar", undefined, signal), "not-found");
});

test("names of unfinished objects are refused as keys", async (context) => {
  const { storage } = await makeLocal(context);
  const name = ".safehouse-0123456789ab-1-1-01234567-01234567.tmp";
  await assert.rejects(storage.write(name, content("x"), signal), RangeError);
  await assert.rejects(storage.stat(`a/${name}`, signal), RangeError);
});

test("the reserve of free space is kept, and both numbers are told", async (context) => {
  const path = await temporaryFolder(context);
  const reserveBytes = 2 ** 52;
  const storage = new LocalStorage(parseLocalSettings({ path, reserveBytes }));
  const writing = storage.write("x.tar", { ...content("12345"), size: 5 }, signal);
  await assert.rejects(writing, (error: Error & { problem?: string; facts?: object }) => {
    assert.equal(error.problem, "full");
    assert.match(JSON.stringify(error.facts), /"neededBytes":4503599627370501,"freeBytes":\d+/);
    return true;
  });
  assert.deepEqual(await readdir(path), []);
});

test("objects are for their owner only unless the settings say otherwise", async (context) => {
  const { path, storage } = await makeLocal(context);
  await storage.write("x.tar", content("x"), signal);
  assert.equal((await stat(join(path, "x.tar"))).mode & 0o777, 0o600);
});

test("an object that is given up takes no space", async (context) => {
  const { path, storage } = await makeLocal(context);
  const writer = await storage.openWrite("sub/x.tar", {}, signal);
  await writer.write(someBytes(2_000_000));
  await writer.abort();
  assert.deepEqual(await readdir(join(path, "sub")), []);
});

test("folders go with their last object, and those of others stay", async (context) => {
  const { path, storage } = await makeLocal(context);
  await mkdir(join(path, "theirs"));
  await storage.write("a/b/c", content("x"), signal);
  await storage.remove("a/b/c", signal);
  assert.deepEqual(await readdir(path), ["theirs"]);
});

test("settings without an absolute path are refused", () => {
  for (const settings of [undefined, {}, { path: "relative" }, { path: "/x", reserveBytes: -1 }]) {
    assert.throws(() => parseLocalSettings(settings), { problem: "usage" });
  }
});
