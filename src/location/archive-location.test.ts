import { strict as assert } from "node:assert";
import { test } from "node:test";
import { SafehouseError } from "#core/model/problem.ts";
import type { ByteSource } from "#core/ports.ts";
import { StorageError } from "#storage/errors.ts";
import { MemoryStorage } from "#storage/memory/provider.ts";
import type { StorageProvider } from "#storage/provider.ts";
import type { ArchiveFacts } from "./archive-facts.ts";
import { ArchiveLocation } from "./archive-location.ts";
import { rememberedListing } from "./remembered-listing.ts";
import type { Catalogue, CatalogueEntry } from "./catalogue-port.ts";
import { memoryUploads } from "#test/memory-uploads.ts";

const { signal } = new AbortController();
const day = 86_400_000;

/** A catalogue that lasts as long as the test. */
class ShortCatalogue implements Catalogue {
  readonly known = new Map<string, CatalogueEntry>();
  looked: number | undefined;
  async entries() {
    return new Map(this.known);
  }
  async lastLook() {
    return this.looked;
  }
  async update(_place: unknown, change: Parameters<Catalogue["update"]>[1]) {
    for (const entry of change.save) this.known.set(entry.object.key, entry);
    for (const key of change.forget) this.known.delete(key);
    this.looked = change.lookedAt ?? this.looked;
  }
}

/** A location over memory whose archives are texts: `slug`, `slug date`, or the name of a problem. */
function makeLocation(storage: StorageProvider = new MemoryStorage({ now: () => 0 })) {
  const reads: string[] = [];
  const clock = { time: 10 * day, now: () => clock.time };
  const catalogue = new ShortCatalogue();
  const place = { home: "home", location: "here" };
  const inspect = async (source: ByteSource): Promise<ArchiveFacts> => {
    const text = new TextDecoder().decode(await source.read(0, source.size));
    reads.push(text);
    if (text === "truncated") throw new SafehouseError("truncated", "The archive ends early");
    if (text === "not-a-backup") throw new SafehouseError("not-a-backup", "No backup.json");
    if (text === "unreachable") throw new StorageError("unreachable", "Gone");
    if (text === "denied") throw new StorageError("denied", "No permission");
    return factsOf(text);
  };
  const location = new ArchiveLocation({
    storage,
    place,
    catalogue,
    uploads: memoryUploads(),
    inspect,
    clock,
  });
  const put = (key: string, text: string) => {
    const open = async function* () {
      yield new TextEncoder().encode(text);
    };
    return storage.write(key, { open, overwrite: true }, signal);
  };
  return { location, storage, reads, clock, catalogue, put };
}

function factsOf(text: string): ArchiveFacts {
  const [slug = "", date = "2026-01-01T00:00:00+00:00"] = text.split(" ");
  return {
    slug,
    name: `Backup ${slug}`,
    date,
    type: "full",
    protected: false,
    compressed: true,
    size: text.length,
    homeassistant: { version: "2026.1.0", databaseIncluded: true, size: 100 },
    folders: [],
    addons: [],
    extra: {},
    problems: [],
  };
}

async function slugs(location: ArchiveLocation) {
  return (await location.list(signal)).backups.map(({ facts }) => facts?.slug);
}

test("every tar at the top is listed, newest first, and nothing else", async () => {
  const { location, put } = makeLocation();
  await put("old.tar", "aaaaaaaa 2025-01-01T00:00:00+00:00");
  await put("newest in its time zone.tar", "bbbbbbbb 2026-01-01T23:00:00-05:00");
  await put("Ümläut $x 100%.tar", "cccccccc 2026-01-02T01:00:00+00:00");
  await put("photo.jpg", "not-a-backup");
  await put(".hidden.tar", "dddddddd");
  await put("deeper/x.tar", "eeeeeeee");
  await put(".safehouse/aaaaaaaa.json", "{}");
  const { backups, others } = await location.list(signal);
  assert.deepEqual(
    backups.map(({ facts }) => facts?.slug),
    ["bbbbbbbb", "cccccccc", "aaaaaaaa"],
  );
  assert.deepEqual(others, []);
});

test("headers of an archive are read once, however often it is listed", async () => {
  const { location, put, reads } = makeLocation();
  for (let index = 0; index < 200; index += 1) {
    await put(`${index}.tar`, index.toString(16).padStart(8, "0"));
  }
  await location.list(signal);
  assert.equal(reads.length, 200);
  assert.equal((await location.list(signal)).backups.length, 200);
  await location.find("00000007", signal);
  assert.equal(reads.length, 200);
});

test("archives that came, went or changed are noticed", async () => {
  const { location, put, reads, storage, catalogue } = makeLocation();
  await put("a.tar", "aaaaaaaa");
  await put("b.tar", "bbbbbbbb");
  await location.list(signal);
  reads.length = 0;
  await put("b.tar", "bbbbbbbc");
  await put("c.tar", "cccccccc");
  await storage.remove("a.tar", signal);
  assert.deepEqual(new Set(await slugs(location)), new Set(["bbbbbbbc", "cccccccc"]));
  assert.deepEqual(reads.toSorted(), ["bbbbbbbc", "cccccccc"]);
  assert.deepEqual([...catalogue.known.keys()].toSorted(), ["b.tar", "c.tar"]);
});

test("an archive that changed a moment ago is looked at again", async () => {
  const { location, put, reads, clock } = makeLocation();
  clock.time = 1000;
  await put("a.tar", "aaaaaaaa");
  await location.list(signal);
  await location.list(signal);
  assert.equal(reads.length, 2);
  clock.time = day;
  await location.list(signal);
  await location.list(signal);
  assert.equal(reads.length, 3);
});

test("damaged archives stay visible, marked, and are not read again and again", async () => {
  const { location, put, reads } = makeLocation();
  await put("good.tar", "aaaaaaaa");
  await put("torn.tar", "truncated");
  await put("other.tar", "not-a-backup");
  await location.list(signal);
  const { backups, others } = await location.list(signal);
  assert.equal(reads.length, 3);
  const torn = backups.find(({ object }) => object.key === "torn.tar");
  assert.equal(torn?.facts, undefined);
  assert.deepEqual(torn?.problems, [{ problem: "truncated", message: "The archive ends early" }]);
  assert.deepEqual(
    others.map(({ object, reason }) => [object.key, reason.problem]),
    [["other.tar", "not-a-backup"]],
  );
});

test("an archive that may not be read is marked but not remembered as damaged", async () => {
  const { location, put, catalogue } = makeLocation();
  await put("good.tar", "aaaaaaaa");
  await put("locked.tar", "denied");
  const { backups } = await location.list(signal);
  const locked = backups.find(({ object }) => object.key === "locked.tar");
  assert.deepEqual(locked?.problems, [{ problem: "denied", message: "No permission" }]);
  assert.deepEqual([...catalogue.known.keys()], ["good.tar"]);
});

test("what was seen is listed without the place, as of the last look at all of it", async () => {
  const { location, put, storage, catalogue, clock } = makeLocation();
  const place = { home: "home", location: "here" };
  assert.deepEqual(await rememberedListing(catalogue, place), {
    backups: [],
    others: [],
    lookedAt: undefined,
  });
  await put("a.tar", "aaaaaaaa");
  await put("torn.tar", "truncated");
  await put("photo.tar", "not-a-backup");
  await location.writeNotes("aaaaaaaa", { pinned: true }, signal);
  const seen = await location.list(signal);
  storage.list = () => assert.fail("the place was asked");
  storage.open = () => assert.fail("the place was asked");
  assert.deepEqual(await rememberedListing(catalogue, place), { ...seen, lookedAt: 10 * day });
  clock.time = 11 * day;
  assert.equal((await rememberedListing(catalogue, place)).lookedAt, 10 * day);
});

test("a reload of a place that is away loses nothing", async () => {
  const { location, put, storage, catalogue, reads } = makeLocation();
  await put("a.tar", "aaaaaaaa");
  await location.list(signal);
  await location.doubt();
  const { backups } = await rememberedListing(catalogue, { home: "home", location: "here" });
  assert.equal(backups.length, 1);
  await location.list(signal);
  await location.list(signal);
  assert.equal(reads.length, 2, "all is read once more, and then believed");
  assert.equal((await Array.fromAsync(storage.list("", signal))).flat().length, 1);
});

test("a backup of a moment ago is remembered, although it is looked at again", async () => {
  const { location, put, clock, catalogue } = makeLocation();
  clock.time = 1000;
  await put("a.tar", "aaaaaaaa");
  await location.list(signal);
  const { backups } = await rememberedListing(catalogue, { home: "home", location: "here" });
  assert.equal(backups[0]?.facts?.slug, "aaaaaaaa");
});

test("a place that goes away is an error, never a shorter list", async () => {
  const { location, put, catalogue } = makeLocation();
  await put("a.tar", "aaaaaaaa");
  await location.list(signal);
  await put("b.tar", "unreachable");
  await assert.rejects(location.list(signal), { problem: "unreachable" });
  assert.equal(catalogue.known.size, 1);
});

test("an archive that vanishes while the list is made is left out", async () => {
  const { storage, put, ...made } = makeLocation();
  await put("a.tar", "aaaaaaaa");
  await put("b.tar", "bbbbbbbb");
  const open = storage.open.bind(storage);
  storage.open = async (key, watched) => {
    await storage.remove("b.tar", watched);
    return open(key, watched);
  };
  assert.deepEqual(await slugs(made.location), ["aaaaaaaa"]);
});

test("two archives of one slug are both listed and told apart by their files", async () => {
  const { location, put } = makeLocation();
  await put("one.tar", "aaaaaaaa");
  await put("copy.tar", "aaaaaaaa");
  const { backups } = await location.list(signal);
  assert.deepEqual(
    backups.map(({ object, sameSlug }) => [object.key, sameSlug]),
    [
      ["copy.tar", ["one.tar"]],
      ["one.tar", ["copy.tar"]],
    ],
  );
  await assert.rejects(location.find("aaaaaaaa", signal), { problem: "usage" });
  assert.equal((await location.find("one.tar", signal)).object.key, "one.tar");
});

test("notes and index go with the last archive of their slug", async () => {
  const { location, put, storage } = makeLocation();
  await put("one.tar", "aaaaaaaa");
  await put("copy.tar", "aaaaaaaa");
  await location.writeNotes("aaaaaaaa", { pinned: true }, signal);
  const index = await location.indexes(signal).create("aaaaaaaa");
  await index.write(new Uint8Array([1, 2, 3]));
  await index.commit();
  await location.remove("copy.tar", signal);
  assert.deepEqual(await location.readNotes("aaaaaaaa", signal), { pinned: true });
  const source = await location.indexes(signal).open("aaaaaaaa");
  assert.equal(source?.size, 3);
  await location.remove("aaaaaaaa", signal);
  assert.deepEqual((await Array.fromAsync(storage.list("", signal))).flat(), []);
  assert.deepEqual((await Array.fromAsync(storage.list(".safehouse/", signal))).flat(), []);
  assert.equal(await location.readNotes("aaaaaaaa", signal), undefined);
  assert.equal(await location.indexes(signal).open("aaaaaaaa"), undefined);
  await assert.rejects(location.remove("aaaaaaaa", signal), { problem: "not-found" });
});

test("a damaged archive is removed by its file name", async () => {
  const { location, put, storage } = makeLocation();
  await put("torn.tar", "truncated");
  await location.remove("torn.tar", signal);
  assert.deepEqual((await Array.fromAsync(storage.list("", signal))).flat(), []);
});

test("a slug from a hostile archive names no file of ours", async () => {
  const { location, put, storage } = makeLocation();
  await put("evil.tar", "../../x");
  await put("victim", "kept");
  await assert.rejects(location.writeNotes("../victim", {}, signal), { problem: "unsupported" });
  await assert.rejects(location.readNotes("location", signal), { problem: "unsupported" });
  await location.remove("../../x", signal);
  assert.equal((await Array.fromAsync(storage.list("", signal))).flat().length, 1);
});

test("notes that are no JSON are reported, not taken for none", async () => {
  const { location, put } = makeLocation();
  await put(".safehouse/aaaaaaaa.json", "{");
  await assert.rejects(location.readNotes("aaaaaaaa", signal), { problem: "damaged" });
  await location.writeNotes("aaaaaaaa", ["again"], signal);
  assert.deepEqual(await location.readNotes("aaaaaaaa", signal), ["again"]);
});

test("a new archive is listed once it is committed, and replaces none", async () => {
  const { location } = makeLocation();
  const writer = await location.createWriter("new.tar", {}, signal);
  await writer.write(new TextEncoder().encode("aaaaaaaa"));
  assert.deepEqual(await slugs(location), []);
  await writer.commit();
  assert.deepEqual(await slugs(location), ["aaaaaaaa"]);
  const source = await location.open("aaaaaaaa", signal);
  assert.equal(source.size, 8);
  await source.close();
  await assert.rejects(location.createWriter("new.tar", {}, signal), { problem: "already-exists" });
});

test("names that would not be listed are refused", async () => {
  const { location } = makeLocation();
  const long = `${"x".repeat(1100)}.tar`;
  for (const name of ["x", "x.tar.gz", "a/b.tar", "a\\b.tar", ".x.tar", "../x.tar", ".tar", long]) {
    await assert.rejects(location.createWriter(name, {}, signal), { problem: "usage" }, name);
  }
});

test("notes and indexes beside no archive are removed when they are old or meant", async () => {
  const { location, storage, clock, put } = makeLocation();
  const sidecars = async (): Promise<string[]> => {
    const pages = await Array.fromAsync(storage.list(".safehouse/", signal));
    return pages
      .flat()
      .map(({ key }) => key.slice(".safehouse/".length))
      .toSorted();
  };
  await put("whole.tar", "00000001");
  for (const slug of ["00000001", "00000002", "00000003"])
    for (const suffix of ["json", "index"]) await put(`.safehouse/${slug}.${suffix}`, "{}");
  await put(".safehouse/location.json", "{}");
  clock.time = 3_600_000;
  await location.tidy("00000002", signal);
  const kept = ["00000001.index", "00000001.json", "00000003.index", "00000003.json"];
  assert.deepEqual(await sidecars(), [...kept, "location.json"]);
  clock.time = 2 * day;
  await put("damaged.tar", "truncated");
  await location.tidy("00000001", signal);
  assert.deepEqual(await sidecars(), [...kept, "location.json"], "it may be what they belong to");
  await storage.remove("damaged.tar", signal);
  await location.tidy(undefined, signal);
  assert.deepEqual(await sidecars(), ["00000001.index", "00000001.json", "location.json"]);
});
