import { strict as assert } from "node:assert";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { openStorage, storageCatalog } from "./catalog.ts";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { content, listed, readAll, rejectsWith, someBytes } from "./contract/objects.ts";
import { createMarker, readMarker } from "./layers/marker.ts";
import type { TransferProgress } from "./layers/progress.ts";
import { MemoryStorage } from "./memory/provider.ts";
import { stackStorage } from "./stack.ts";

const { signal } = new AbortController();

async function temporaryFolder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "safehouse-stack-"));
  context.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function makeStack(context: TestContext) {
  const path = await temporaryFolder(context);
  const folder = await openStorage("local", { path, reserveBytes: 0 });
  await createMarker(folder, "here", signal);
  return stackStorage(folder, { marker: "here", report: () => undefined });
}

keepsStorageContract("the whole stack over a folder", makeStack, { manyObjects: 100 });

test("a share that is not mounted is neither written to nor listed as empty", async (context) => {
  const path = join(await temporaryFolder(context), "share");
  mkdirSync(path);
  const folder = await openStorage("local", { path, reserveBytes: 0 });
  await createMarker(folder, "nas", signal);
  const storage = stackStorage(folder, { marker: "nas" });
  await storage.write("a.tar", content("a"), signal);
  await rename(path, `${path}-away`);
  mkdirSync(path);
  await rejectsWith(storage.write("b.tar", content("b"), signal), "unreachable");
  await rejectsWith(storage.openWrite("b.tar", {}, signal), "unreachable");
  await rejectsWith(storage.remove("a.tar", signal), "unreachable");
  assert.ok(storage.incoming);
  await rejectsWith(storage.incoming.folder(signal), "unreachable");
  await rejectsWith(storage.incoming.adopt("upload", "b.tar", signal), "unreachable");
  await rejectsWith(listed({ storage, signal }, ""), "unreachable");
  assert.deepEqual(await listed({ storage: folder, signal }, ""), []);
  await rm(path, { recursive: true });
  await rename(`${path}-away`, path);
  assert.equal((await listed({ storage, signal }, "")).length, 1);
});

test("the marker of another location is not taken for ours, nor replaced", async () => {
  const place = new MemoryStorage();
  assert.equal(await readMarker(place, signal), undefined);
  await createMarker(place, "theirs", signal);
  assert.equal(await readMarker(place, signal), "theirs");
  await rejectsWith(createMarker(place, "ours", signal), "already-exists");
  const storage = stackStorage(place, { marker: "ours" });
  await rejectsWith(storage.write("x", content("x"), signal), "unreachable");
});

test("a read-only location changes nothing and reads everything", async () => {
  const place = new MemoryStorage();
  await place.write("x", content("x"), signal);
  const storage = stackStorage(place, { readOnly: true });
  await rejectsWith(storage.write("y", content("y"), signal), "read-only");
  await rejectsWith(storage.openWrite("y", {}, signal), "read-only");
  await rejectsWith(storage.remove("x", signal), "read-only");
  assert.equal((await readAll({ storage, signal }, "x")).toString(), "x");
  assert.equal((await listed({ storage, signal }, "")).length, 1);
});

test("nothing comes in at a read-only location", async (context) => {
  const path = await temporaryFolder(context);
  const storage = stackStorage(await openStorage("local", { path }), { readOnly: true });
  assert.equal(storage.incoming, undefined);
  assert.equal(storage.features.incoming, false);
});

test("progress counts every byte that moved, in each way of moving it", async () => {
  const told: TransferProgress[] = [];
  const storage = stackStorage(new MemoryStorage(), { report: (progress) => told.push(progress) });
  const last = () => told.at(-1);
  await storage.write("a", content(someBytes(10), someBytes(20)), signal);
  assert.deepEqual(told, [
    { key: "a", direction: "write", bytes: 10 },
    { key: "a", direction: "write", bytes: 30 },
  ]);
  const writer = await storage.openWrite("b", {}, signal);
  await writer.write(someBytes(5));
  await writer.write(someBytes(6));
  await writer.commit();
  assert.deepEqual(last(), { key: "b", direction: "write", bytes: 11 });
  await readAll({ storage, signal }, "a");
  assert.deepEqual(last(), { key: "a", direction: "read", bytes: 30 });
  const source = await storage.open("a", signal);
  await source.read(25, 100);
  assert.deepEqual(last(), { key: "a", direction: "read", bytes: 5 });
});

test("every kind in the catalog has a name of its own and is found by it", async (context) => {
  const kinds = storageCatalog.map(({ kind }) => kind);
  assert.equal(new Set(kinds).size, kinds.length);
  const path = await temporaryFolder(context);
  assert.equal((await openStorage("local", { path })).kind, "local");
  await assert.rejects(openStorage("floppy", {}), { problem: "unsupported" });
  await assert.rejects(openStorage("local", {}), { problem: "usage" });
});
