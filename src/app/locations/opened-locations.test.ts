import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { listCopies } from "#jobs/locations/list-copies.ts";
import { openState } from "#state/open-state.ts";
import { Settings } from "#state/settings.ts";
import { storageCatalog, type CatalogEntry } from "#storage/catalog.ts";
import { MemoryStorage } from "#storage/memory/provider.ts";
import { MemoryCatalogue } from "#test/memory-catalogue.ts";
import { LocationBook } from "./location-book.ts";
import { OpenedLocations } from "./opened-locations.ts";
import { memoryUploads } from "#test/memory-uploads.ts";

const { signal } = new AbortController();
const clock = { now: () => Date.UTC(2026, 0, 1) };

/** A place that went silent, and does not heed its signal either. */
const silent: CatalogEntry = {
  kind: "silent",
  title: "Silent",
  fields: [],
  where: () => "nowhere",
  open: async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const list = () => ({ [Symbol.asyncIterator]: () => ({ next: never, return: never }) });
    return Object.assign(Object.create(new MemoryStorage()) as MemoryStorage, { list });
  },
};

/** @param patience seconds */
async function makeLocations(context: TestContext, patience = 60) {
  const folder = await mkdtemp(join(tmpdir(), "safehouse-opened-"));
  const dataDirectory = join(folder, "data");
  const state = openState({ dataDirectory, clock, notice: assert.fail });
  context.after(async () => {
    state[Symbol.dispose]();
    await rm(folder, { recursive: true });
  });
  const settings = new Settings(dataDirectory, state);
  const catalog = [...storageCatalog, silent];
  const book = new LocationBook({ dataDirectory, home: "home", settings, catalog });
  const recovered: string[] = [];
  const locations = new OpenedLocations({
    book,
    home: "home",
    catalogue: new MemoryCatalogue(),
    uploads: memoryUploads(),
    clock,
    recovered: (sentence) => void recovered.push(sentence),
    patience,
  });
  return { locations, book, settings, recovered, folder, dataDirectory };
}

test("the folder of our own is made when it is needed, and no other one", async (context) => {
  const { locations, settings, folder, dataDirectory } = await makeLocations(context);
  const own = await locations.look("backup");
  assert.deepEqual((await own.list(signal)).backups, []);
  assert.ok(existsSync(join(dataDirectory, "backup")));
  const location = join(folder, "mounted");
  await settings.change("home", { paths: { location }, locationId: "marker" });
  await assert.rejects(locations.open("backup", signal), { problem: "unreachable" });
  await assert.rejects(locations.open(location, signal), { problem: "unreachable" });
  assert.ok(!existsSync(location));
});

test("a path names the location that lies there, and else itself", async (context) => {
  const { locations, book, folder } = await makeLocations(context);
  const path = join(folder, "nas");
  await book.add({ id: "nas", name: undefined, kind: undefined, settings: { path } }, signal);
  assert.equal((await locations.look(join(folder, "x", "..", "nas"))).id, "nas");
  const other = join(folder, "other");
  await mkdir(other);
  assert.equal((await locations.open(other, signal)).id, other);
  await assert.rejects(locations.look("other"), { problem: "not-found" });
});

test("opening removes what a dead writer has left, and says so; a look does not", async (context) => {
  const { locations, recovered, folder } = await makeLocations(context);
  const place = join(folder, "place");
  await mkdir(place);
  const storage = await locations.storage(place);
  const writer = await storage.openWrite("new.tar", {}, signal);
  await writer.write(new Uint8Array(10));
  const [temporary = ""] = await readdir(place);
  await writer.abort();
  const dead = temporary.replace(/(?<=^\.safehouse-[0-9a-f]{12})-\d+/u, "-1");
  await writeFile(join(place, dead), "half a backup");
  await locations.look(place);
  assert.deepEqual(await readdir(place), [dead]);
  await locations.open(place, signal);
  assert.deepEqual(await readdir(place), []);
  assert.match(recovered.join(), /Removed .* \(13 bytes\), which an interrupted run had left at/);
});

test("a place that went silent is given up by itself, and answered for", async (context) => {
  const { locations, settings } = await makeLocations(context, 0.05);
  const kept = [
    { id: "hangs", kind: "silent" },
    { id: "later", kind: "rocket" },
  ];
  await settings.change("home", { locations: kept });
  const { locations: answers } = await listCopies(locations, { fresh: true, clock, signal });
  const problemOf = (id: string) => answers.find((answer) => answer.id === id)?.problem;
  assert.equal(problemOf("hangs")?.problem, "unreachable");
  assert.match(problemOf("hangs")?.message ?? "", /No progress/);
  assert.equal(problemOf("later")?.problem, "unsupported");
});
