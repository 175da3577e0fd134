import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openState } from "#state/open-state.ts";
import { Settings } from "#state/settings.ts";
import { storageCatalog, type CatalogEntry, type PlaceSettings } from "#storage/catalog.ts";
import { readMarker } from "#storage/layers/marker.ts";
import { MemoryStorage } from "#storage/memory/provider.ts";
import { LocationBook } from "./location-book.ts";

const { signal } = new AbortController();

/** A kind that needs a password, as those of issue 4 will. */
function cloud() {
  const opened: unknown[] = [];
  const places = new Map<string, MemoryStorage>();
  const where = ({ host }: PlaceSettings): string => String(host);
  const kind: CatalogEntry = {
    kind: "cloud",
    title: "Cloud",
    fields: [
      { name: "host", title: "its address", type: "text" },
      { name: "port", title: "its port", type: "number" },
      { name: "password", title: "the password", type: "text", secret: true },
    ],
    where,
    open: async (settings) => {
      opened.push(settings);
      const host = where(settings);
      const storage = places.get(host) ?? new MemoryStorage();
      places.set(host, storage);
      return storage;
    },
  };
  return { kind, opened };
}

async function makeBook(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "safehouse-locations-"));
  const dataDirectory = join(folder, "data");
  const state = openState({ dataDirectory, clock: Date, notice: assert.fail });
  context.after(async () => {
    state[Symbol.dispose]();
    await rm(folder, { recursive: true });
  });
  const settings = new Settings(dataDirectory, state);
  const { kind, opened } = cloud();
  const catalog = [...storageCatalog, kind];
  const book = new LocationBook({ dataDirectory, home: "home", settings, catalog });
  const file = join(dataDirectory, "settings.json");
  return { book, settings, folder, dataDirectory, file, opened };
}

const nas = (path: string) => ({ id: "nas", name: "NAS", kind: undefined, settings: { path } });

test("a home has a location before anybody has set one up", async (context) => {
  const { book, dataDirectory } = await makeBook(context);
  const [first, ...others] = await book.describe();
  assert.deepEqual(others, []);
  assert.deepEqual(first, {
    id: "backup",
    name: "Backup",
    kind: "local",
    where: join(dataDirectory, "backup"),
    settings: { path: join(dataDirectory, "backup") },
    secrets: [],
    marker: undefined,
    isDefault: true,
  });
});

test("the folder that was saved before there were locations is the first of them", async (context) => {
  const { book, settings } = await makeBook(context);
  await settings.change("home", { paths: { location: "/mnt/old" }, locationId: "its marker" });
  const [first] = (await book.read()).locations;
  assert.equal(first?.id, "backup");
  assert.deepEqual(first.settings, { path: "/mnt/old" });
  assert.equal(first.marker, "its marker");
});

test("a location that is added is made, marked and kept", async (context) => {
  const { book, folder } = await makeBook(context);
  const path = join(folder, "nas");
  const added = await book.add(nas(path), signal);
  assert.ok(existsSync(path));
  const { locations } = await book.read();
  const kept = locations.find(({ id }) => id === "nas");
  assert.deepEqual(kept, {
    id: "nas",
    name: "NAS",
    kind: "local",
    settings: { path },
    secrets: {},
    marker: added.marker,
  });
  assert.ok(kept?.marker);
  const settings = { path, reserveBytes: "1000" };
  await assert.rejects(book.add({ ...nas(path), settings }, signal), { problem: "already-exists" });
});

test("one place is not two locations", async (context) => {
  const { book, folder, dataDirectory } = await makeBook(context);
  await book.add(nas(join(folder, "nas")), signal);
  const again = { ...nas(join(folder, "x", "..", "nas")), id: "again" };
  await assert.rejects(book.add(again, signal), {
    problem: "already-exists",
    message: /is location nas "NAS" already/,
  });
  const own = { ...nas(join(dataDirectory, "backup")), id: "own" };
  await assert.rejects(book.add(own, signal), { problem: "already-exists" });
  assert.ok(!existsSync(join(dataDirectory, "backup")), "refused before anything was made");
  const moved = book.change(
    "backup",
    { name: undefined, settings: { path: join(folder, "nas") } },
    signal,
  );
  await assert.rejects(moved, { problem: "already-exists" });
});

test("what is typed wrong is refused before anything is made", async (context) => {
  const { book, folder } = await makeBook(context);
  const path = join(folder, "nas");
  for (const [wanted, what] of [
    [{ ...nas(path), id: "NAS" }, /location\.id/],
    [{ ...nas(path), settings: { path, reserve: "1" } }, /no setting reserve/],
    [{ ...nas(path), settings: { path, reserveBytes: "a lot" } }, /has to be a number/],
    [{ ...nas(path), settings: {} }, /path/],
    [{ ...nas(path), kind: "floppy" }, /no kind of location called floppy/],
  ] as const)
    await assert.rejects(book.add(wanted, signal), what);
  assert.ok(!existsSync(path));
  assert.equal((await book.describe()).length, 1);
});

test("the first location changes its name and its place, and init sees the same", async (context) => {
  const { book, settings, folder } = await makeBook(context);
  const path = join(folder, "elsewhere");
  await book.change("backup", { name: "Cellar", settings: {} }, signal);
  const moved = await book.change("backup", { name: undefined, settings: { path } }, signal);
  assert.deepEqual([moved.name, moved.where], ["Cellar", path]);
  const stored = await settings.read("home");
  assert.deepEqual(stored["paths"], { location: path });
  assert.equal(stored["locationId"], moved.marker);
  await settings.change("home", { paths: { location: "/mnt/new" }, locationId: "new" });
  const [first] = (await book.read()).locations;
  assert.deepEqual(
    [first?.name, first?.settings["path"], first?.marker],
    ["Cellar", "/mnt/new", "new"],
  );
});

test("a secret setting is sealed where it lies, never shown, and there when the place is opened", async (context) => {
  const { book, file, opened } = await makeBook(context);
  const settings = { host: "cloud.example", port: "443", password: "correct horse" };
  const added = await book.add({ id: "cloud", name: undefined, kind: "cloud", settings }, signal);
  assert.deepEqual(added.secrets, ["password"]);
  assert.ok(!JSON.stringify(added).includes("horse"));
  const text = await readFile(file, "utf8");
  assert.ok(!text.includes("horse"));
  assert.match(text, /"password": "sealed-1:/);
  const whole = { host: "cloud.example", port: 443, password: "correct horse" };
  assert.deepEqual(opened, [whole]);
  const { locations } = await book.read();
  assert.deepEqual(book.settingsOf(locations[1] ?? assert.fail()), whole);
  await book.change("cloud", { name: undefined, settings: { port: "444" } }, signal);
  assert.deepEqual(opened.at(-1), { ...whole, port: 444 });
  await book.change("cloud", { name: "Sky", settings: {} }, signal);
  assert.equal(opened.length, 2, "a name needs no place");
});

test("a sealed setting opens for its own location alone", async (context) => {
  const { book } = await makeBook(context);
  const settings = { host: "cloud.example", password: "correct horse" };
  await book.add({ id: "cloud", name: undefined, kind: "cloud", settings }, signal);
  const [, location = assert.fail()] = (await book.read()).locations;
  assert.throws(() => book.settingsOf({ ...location, id: "other" }), { problem: "damaged" });
});

test("a location of a kind that only a newer program knows is listed, and not opened", async (context) => {
  const { book, settings } = await makeBook(context);
  await settings.change("home", { locations: [{ id: "moon", kind: "rocket" }] });
  const described = await book.describe();
  assert.equal(described[1]?.where, "a place of unknown kind rocket");
  const [, location = assert.fail()] = (await book.read()).locations;
  assert.throws(() => book.kindOf(location), { problem: "unsupported" });
  assert.equal((await book.makeDefault("moon")).isDefault, true);
});

test("removing a location removes nothing that lies there, and a plan keeps it from being removed", async (context) => {
  const { book, settings, folder } = await makeBook(context);
  const path = join(folder, "nas");
  await book.add(nas(path), signal);
  await writeFile(join(path, "backup.tar"), "a backup");
  await settings.change("home", { plans: [{ name: "Nightly", locations: [{ location: "nas" }] }] });
  await assert.rejects(book.remove("nas"), { problem: "usage", message: /plan Nightly names it/ });
  await settings.change("home", { plans: [] });
  await book.remove("nas");
  assert.equal(await readFile(join(path, "backup.tar"), "utf8"), "a backup");
  assert.equal((await book.describe()).length, 1);
  await assert.rejects(book.remove("nas"), { problem: "not-found" });
  const again = await book.add(nas(path), signal);
  const { LocalStorage } = await import("#storage/local/provider.ts");
  const { parseLocalSettings } = await import("#storage/local/settings.ts");
  const storage = new LocalStorage(parseLocalSettings({ path }));
  assert.equal(await readMarker(storage, signal), again.marker, "it kept its marker");
});

test("the default location is the one that was chosen", async (context) => {
  const { book, folder } = await makeBook(context);
  await book.add(nas(join(folder, "nas")), signal);
  assert.equal((await book.makeDefault("nas")).isDefault, true);
  assert.equal((await book.read()).defaultId, "nas");
  await assert.rejects(book.remove("nas"), { problem: "usage", message: /default/ });
  await assert.rejects(book.makeDefault("nope"), { problem: "not-found" });
});
