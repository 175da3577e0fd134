import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { IncomingFiles } from "#jobs/backup/incoming-files.ts";
import { receiveArchive } from "#jobs/backup/receive-archive.ts";
import { ArchiveLocation } from "#location/archive-location.ts";
import { inspectArchive } from "#location/inspect-archive.ts";
import { LocalStorage } from "#storage/local/provider.ts";
import { MemoryStorage } from "#storage/memory/provider.ts";
import { configBackup } from "#test/hostile-backup.ts";
import { memoryUploads } from "#test/memory-uploads.ts";

const { signal } = new AbortController();
const report = (): void => undefined;

/** A location in memory, where nothing can come in, beside a data directory on disk. */
async function memoryLocation(context: TestContext, capacity = 1e9) {
  const path = mkdtempSync(join(tmpdir(), "safehouse-receive-"));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  const storage = new MemoryStorage({ capacity });
  const location = new ArchiveLocation({
    uploads: memoryUploads(),
    storage,
    place: { home: "home", location: "memory" },
    catalogue: {
      entries: async () => new Map(),
      update: async () => undefined,
      lastLook: async () => undefined,
    },
    inspect: inspectArchive,
    clock: { now: Date.now },
  });
  const disk = new LocalStorage({ path, reserveBytes: 0, fileMode: 0o600 });
  const incoming = new IncomingFiles(location, disk);
  const folder = await incoming.folder(signal);
  const options = { location, incoming, fileName: undefined, report, signal };
  return { storage, incoming, folder, options };
}

test("an archive for a place without a folder comes in on the data directory's disk, and is copied", async (context) => {
  const { storage, incoming, folder, options } = await memoryLocation(context);
  const bytes = await configBackup([]);
  const name = incoming.ownName();
  writeFileSync(join(folder, name), bytes);
  const { file } = await receiveArchive(name, options);
  const source = await storage.open(file, signal);
  assert.deepEqual(Buffer.from(await source.read(0, source.size)), bytes);
  assert.deepEqual(readdirSync(folder), []);
});

test("an archive that could not be delivered stays where it came in", async (context) => {
  const { storage, incoming, folder, options } = await memoryLocation(context, 100);
  const name = incoming.ownName();
  writeFileSync(join(folder, name), await configBackup([]));
  await assert.rejects(receiveArchive(name, options), { problem: "full" });
  await assert.rejects(incoming.checkRoom(101, signal), { problem: "no-space" });
  assert.deepEqual(readdirSync(folder), [name]);
  assert.deepEqual((await Array.fromAsync(storage.list("", signal))).flat(), []);
});

test("one that is refused keeps no later one from being received", async (context) => {
  const { incoming, folder, options } = await memoryLocation(context);
  const names = [incoming.ownName(), incoming.ownName()];
  const [bad = "", good = ""] = names;
  writeFileSync(join(folder, bad), "no archive");
  writeFileSync(join(folder, good), await configBackup([]));
  const [first, second] = await Promise.allSettled(
    names.map((name) => receiveArchive(name, options)),
  );
  assert.equal(first?.status, "rejected");
  assert.equal(second?.status, "fulfilled");
});
