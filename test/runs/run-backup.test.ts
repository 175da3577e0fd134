import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { DeflatePool } from "#format/gzip/deflate-pool.ts";
import { FolderInstallation } from "#installation/folder/folder-installation.ts";
import { runBackup, type RunBackupRequest, type RunBackupTools } from "#jobs/backup/run-backup.ts";
import { ArchiveLocation } from "#location/archive-location.ts";
import { inspectArchive } from "#location/inspect-archive.ts";
import { MemoryStorage } from "#storage/memory/provider.ts";
import type { StorageProvider } from "#storage/provider.ts";
import { RunBench, statesOf } from "#test/run-bench.ts";
import { memorySpool } from "#test/sample-archive.ts";
import { buildSampleHome } from "#test/sample-home.ts";
import { memoryUploads } from "#test/memory-uploads.ts";

const clock = { now: () => Date.now() };

const request: RunBackupRequest = {
  name: "Cancelled",
  selection: { excludeDatabase: false, folders: ["ssl"], addons: [] },
  rules: [],
  encryption: undefined,
  compressed: true,
  verify: true,
  extra: {},
  locations: [{ location: "here", retention: undefined }],
  trigger: { kind: "manual" },
};

/** A home on disk and a location in memory. */
async function makeTools(context: TestContext, storage: StorageProvider, signal: AbortSignal) {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-run-"));
  context.after(() => rmSync(folder, { recursive: true }));
  buildSampleHome(folder);
  const pool = await DeflatePool.open({ engine: "wasm", threads: 1 });
  context.after(() => pool[Symbol.asyncDispose]());
  const config = join(folder, "config");
  const ssl = join(folder, "ssl");
  const nowhere = { share: undefined, media: undefined, addonsLocal: undefined };
  const dataDir = join(folder, "data");
  const paths = { config, ssl, ...nowhere, addonData: undefined, dataDir };
  const location = new ArchiveLocation({
    uploads: memoryUploads(),
    storage,
    place: { home: "home", location: "here" },
    catalogue: {
      entries: async () => new Map(),
      update: async () => undefined,
      lastLook: async () => undefined,
    },
    inspect: inspectArchive,
    clock,
  });
  const startTimer = (milliseconds: number, callback: () => void): (() => void) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  };
  const runs = { ...new RunBench(context).process(), clock, startTimer };
  const tools: RunBackupTools = {
    runs,
    backup: {
      installation: new FolderInstallation(paths, clock),
      openPool: async () => pool,
      closePool: async () => undefined,
      openSpool: async () => memorySpool(),
      spoolSpace: async () => undefined,
      clock,
      writer: "Safehouse",
      report: () => undefined,
      signal,
    },
    installationId: "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
    openLocation: async () => location,
    isNear: async () => true,
    currentKeys: async () => undefined,
    hold: async () => ({ [Symbol.asyncDispose]: async () => undefined }),
    queue: true,
    waitsFor: () => undefined,
  };
  return { tools, location, runs };
}

/** A place at which the archive appears in the very moment in which its writer is told to stop. */
function appearsTooLate(inner: MemoryStorage, cancel: () => void): StorageProvider {
  const openWrite: StorageProvider["openWrite"] = async (key, options, signal) => {
    const writer = await inner.openWrite(key, options, new AbortController().signal);
    if (!key.endsWith(".tar")) return writer;
    const commit = async (): Promise<never> => {
      await writer.commit();
      cancel();
      return new Promise((_, reject) => {
        const stop = (): void => reject(signal.reason as Error);
        if (signal.aborted) stop();
        else signal.addEventListener("abort", stop, { once: true });
      });
    };
    return {
      patch: writer.patch,
      write: (bytes) => writer.write(bytes),
      patchAt: (offset, bytes) => writer.patchAt(offset, bytes),
      holdFrom: (offset) => writer.holdFrom(offset),
      commit,
      abort: () => writer.abort(),
      [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
    };
  };
  return new Proxy<StorageProvider>(inner, {
    get(target, name) {
      if (name === "openWrite") return openWrite;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

test("an archive that appears while its run is being cancelled is taken back", async (context) => {
  const cancel = new AbortController();
  const memory = new MemoryStorage();
  const storage = appearsTooLate(memory, () => cancel.abort());
  const { tools, location, runs } = await makeTools(context, storage, cancel.signal);
  await assert.rejects(runBackup(request, tools));
  const [run] = await runs.journal.list("home");
  assert.ok(run !== undefined);
  assert.deepEqual(statesOf(run), ["make here cancelled", "verify here cancelled"]);
  assert.deepEqual(await location.list(new AbortController().signal), { backups: [], others: [] });
});

test("a backup that is made and read back is what its run says", async (context) => {
  const { signal } = new AbortController();
  const { tools, location, runs } = await makeTools(context, new MemoryStorage(), signal);
  const result = await runBackup(request, tools);
  const [run] = await runs.journal.list("home");
  assert.ok(run !== undefined);
  assert.deepEqual(statesOf(run), ["make here done", "verify here done"]);
  const { slug, name, fileName } = result;
  assert.deepEqual(run.backup, { slug, name, fileName });
  assert.equal(result.verified?.verdict, "proven");
  const { backups } = await location.list(signal);
  assert.deepEqual(
    backups.map(({ object }) => object.key),
    [fileName],
  );
});

test("a backup that is cancelled while it is read back leaves none of its files open", async (context) => {
  const cancel = new AbortController();
  const storage = new MemoryStorage();
  const open = storage.open.bind(storage);
  const opened = new Set<string>();
  storage.open = async (key, signal) => {
    const source = await open(key, signal);
    opened.add(key);
    return {
      size: source.size,
      read: (offset, length) => source.read(offset, length),
      close: async () => {
        opened.delete(key);
        await source.close();
      },
    };
  };
  const { tools } = await makeTools(context, storage, cancel.signal);
  const seen: string[][] = [];
  const report = ({ step }: { readonly step: string }): void => {
    if (step !== "verify") return;
    seen.push([...opened]);
    cancel.abort();
  };
  await assert.rejects(runBackup(request, { ...tools, backup: { ...tools.backup, report } }));
  assert.ok(seen[0]?.some((key) => key.endsWith(".index")));
  assert.deepEqual([...opened], []);
});
