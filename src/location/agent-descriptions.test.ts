import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { AgentLayout } from "#core/location/agent-layout.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { StorageError } from "#storage/errors.ts";
import { MemoryStorage } from "#storage/memory/provider.ts";
import type { Content, StoredObject } from "#storage/provider.ts";
import { MemoryCatalogue } from "#test/memory-catalogue.ts";
import { memoryUploads } from "#test/memory-uploads.ts";
import type { ArchiveFacts } from "./archive-facts.ts";
import { ArchiveLocation } from "./archive-location.ts";

const { signal } = new AbortController();
const time = "2026-01-01_00.00_00000000";
const beside: AgentLayout = { kind: "beside" };
const hidden: AgentLayout = { kind: "hidden", folder: "/b" };

/** Remembers what was changed, in that order, and refuses what it is told to. */
class WatchedStorage extends MemoryStorage {
  readonly changes: string[] = [];
  refused = /^$/;

  override async write(key: string, content: Content, by: AbortSignal): Promise<StoredObject> {
    this.#check(`write ${key}`);
    return super.write(key, content, by);
  }

  override async remove(key: string, by: AbortSignal): Promise<void> {
    this.#check(`remove ${key}`);
    await super.remove(key, by);
  }

  #check(change: string): void {
    if (this.refused.test(change)) throw new StorageError("denied", `It must not ${change}`);
    this.changes.push(change);
  }

  async keys(): Promise<string[]> {
    return (await Array.fromAsync(this.list("", signal)))
      .flat()
      .map(({ key }) => key)
      .toSorted();
  }
}

/** Archives are texts: slug, name, and `ours` for what Safehouse made. */
function placeWith(agentLayout: AgentLayout | undefined) {
  const storage = new WatchedStorage({ now: () => 0 });
  const location = new ArchiveLocation({
    storage,
    place: { home: "home", location: "here" },
    catalogue: new MemoryCatalogue(),
    uploads: memoryUploads(),
    inspect: async (source) => factsOf(await textOf(source)),
    clock: { now: () => 0 },
    agentLayout,
  });
  const put = (key: string, text: string): Promise<StoredObject> =>
    location.put(key, { ...contentOf(text) }, signal);
  /** As somebody else puts it there. */
  const bring = (key: string, text: string): Promise<StoredObject> =>
    storage.write(key, { ...contentOf(text), overwrite: true }, signal);
  const read = async (key: string): Promise<string> => {
    const source = await storage.open(key, signal);
    try {
      return await textOf(source);
    } finally {
      await source.close();
    }
  };
  return { storage, location, put, bring, read };
}

interface Source {
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

async function textOf(source: Source): Promise<string> {
  return new TextDecoder().decode(await source.read(0, source.size));
}

function contentOf(text: string) {
  const bytes = new TextEncoder().encode(text);
  async function* open() {
    yield bytes;
  }
  return { open, size: bytes.length };
}

function factsOf(text: string): ArchiveFacts {
  const [slug = "", name = "", writer] = text.split(" ");
  if (slug === "torn") throw new SafehouseError("truncated", "The archive ends early");
  return {
    slug,
    name,
    date: "2026-01-01T00:00:00.000000+00:00",
    type: "partial",
    protected: false,
    compressed: true,
    size: text.length,
    homeassistant: undefined,
    folders: [],
    addons: [],
    extra: writer === "ours" ? { safehouse: {} } : {},
    problems: [],
  };
}

test("an archive is described after it is there, and the description goes before it", async () => {
  for (const [layout, description] of [
    [beside, `A_${time}.metadata.json`],
    [hidden, ".aaaaaaaa.metadata.json"],
  ] as const) {
    const { storage, location, put } = placeWith(layout);
    await put(`A_${time}.tar`, "aaaaaaaa A");
    assert.deepEqual(storage.changes, [`write A_${time}.tar`, `write ${description}`]);
    storage.changes.length = 0;
    await location.remove("aaaaaaaa", signal);
    assert.deepEqual(storage.changes.slice(0, 2), [
      `remove ${description}`,
      `remove A_${time}.tar`,
    ]);
    assert.deepEqual(await storage.keys(), []);
  }
});

test("an archive that came in pieces is described once it is committed", async () => {
  const { storage, location } = placeWith(beside);
  const bytes = new TextEncoder().encode("aaaaaaaa A");
  {
    await using given = await location.createWriter(`A_${time}.tar`, {}, signal);
    await given.write(bytes);
  }
  assert.deepEqual(await storage.keys(), []);
  const writer = await location.createWriter(`A_${time}.tar`, {}, signal);
  await writer.write(bytes);
  assert.deepEqual(await storage.keys(), []);
  assert.equal((await writer.commit()).key, `A_${time}.tar`);
  assert.deepEqual(await storage.keys(), [`A_${time}.metadata.json`, `A_${time}.tar`]);
});

test("a place that agents do not list by descriptions gets none", async () => {
  const { storage, location, put } = placeWith(undefined);
  await put(`A_${time}.tar`, "aaaaaaaa A ours");
  await location.tidy(undefined, signal);
  assert.deepEqual(await storage.keys(), [`A_${time}.tar`]);
});

test("an archive whose description is refused is there all the same, and described later", async () => {
  const { storage, location, put } = placeWith(beside);
  storage.refused = /metadata/;
  await put(`A_${time}.tar`, "aaaaaaaa A ours");
  assert.deepEqual(await storage.keys(), [`A_${time}.tar`]);
  await assert.rejects(location.tidy(undefined, signal), { problem: "denied" }, "it is told");
  storage.refused = /^$/;
  await location.tidy(undefined, signal);
  assert.deepEqual(await storage.keys(), [`A_${time}.metadata.json`, `A_${time}.tar`]);
  storage.changes.length = 0;
  await location.tidy(undefined, signal);
  assert.deepEqual(storage.changes, [], "once is enough");
});

test("whoever cancels while an archive is described hears of it", async () => {
  const { storage, location } = placeWith(beside);
  const controller = new AbortController();
  const reason = new Error("Cancelled");
  storage.open = async () => {
    controller.abort(reason);
    throw reason;
  };
  const content = contentOf("aaaaaaaa A");
  await assert.rejects(location.put(`A_${time}.tar`, content, controller.signal), reason);
});

test("archives and descriptions of others are left as they are", async () => {
  const { storage, location, bring, read } = placeWith(beside);
  await bring(`B_${time}.tar`, "bbbbbbbb B");
  await bring(`C_${time}.tar`, "cccccccc C");
  await bring(`C_${time}.metadata.json`, "theirs");
  await bring("orphan.metadata.json", "{");
  await bring("torn.tar", "torn");
  await location.writeNotes("dddddddd", {}, signal);
  const before = await storage.keys();
  const { backups } = await location.list(signal);
  assert.equal(backups.length, 3);
  await location.tidy(undefined, signal);
  assert.deepEqual(await storage.keys(), before);
  assert.equal(await read(`C_${time}.metadata.json`), "theirs");
  await location.remove("cccccccc", signal);
  await location.remove("bbbbbbbb", signal);
  assert.deepEqual(await storage.keys(), ["orphan.metadata.json", "torn.tar"]);
});

test("an archive of others that Safehouse has notes on is described if it lacks that", async () => {
  const { storage, location, bring } = placeWith(beside);
  await bring(`B_${time}.tar`, "bbbbbbbb B");
  await location.writeNotes("bbbbbbbb", { pinned: true }, signal);
  await location.tidy(undefined, signal);
  assert.deepEqual(await storage.keys(), [`B_${time}.metadata.json`, `B_${time}.tar`]);
});

test("an archive that cannot be removed stays described", async () => {
  const { storage, location, put } = placeWith(beside);
  await put(`A_${time}.tar`, "aaaaaaaa A");
  storage.refused = /^remove .*\.tar$/;
  await assert.rejects(location.remove("aaaaaaaa", signal), { problem: "denied" });
  assert.deepEqual(await storage.keys(), [`A_${time}.metadata.json`, `A_${time}.tar`]);
});

test("the newer of two archives of one backup keeps the description that they share", async () => {
  const { location, put, read } = placeWith(hidden);
  await put("old.tar", "aaaaaaaa A");
  await put("new.tar", "aaaaaaaa A");
  const description = ".aaaaaaaa.metadata.json";
  assert.match(await read(description), /"\/b\/new\.tar"/);
  await location.remove("old.tar", signal);
  assert.match(await read(description), /"\/b\/new\.tar"/);
  await location.remove("new.tar", signal);
  await assert.rejects(read(description), { problem: "not-found" });
});
