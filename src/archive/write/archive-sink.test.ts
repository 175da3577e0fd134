import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openArchive } from "../read/open-archive.ts";
import { DeflatePool } from "#format/gzip/deflate-pool.ts";
import { createEncryptionContext } from "#format/securetar/encryption-context.ts";
import { PasswordKeys } from "#format/securetar/password-keys.ts";
import { entriesOf } from "#test/archive-entries.ts";
import { sampleData } from "#test/compressible-data.ts";
import {
  bufferSource,
  makeSample,
  memoryPlace,
  memorySpool,
  sampleDocument,
  writeSample,
  type SamplePart,
} from "#test/sample-archive.ts";
import { openIndex } from "../index/index-reader.ts";
import { ArchiveSink, type SinkTarget } from "./archive-sink.ts";

let pool: DeflatePool;
before(async () => {
  pool = await DeflatePool.open({ engine: "wasm", threads: 1 });
});
after(() => pool[Symbol.asyncDispose]());

const parts: readonly SamplePart[] = [
  {
    part: { kind: "homeassistant" },
    entries: [
      { path: "data/a", content: sampleData("mixed", 2_300_000) },
      { path: "data/b", content: "b" },
    ],
  },
  { part: { kind: "folder", name: "share" }, entries: [{ path: "c", content: "" }] },
];

test("every kind of target gets the same plain archive, byte for byte", async () => {
  const [seek, held, spooled] = await Promise.all(
    (["seek", "parts", "none"] as const).map((patch) => makeSample(parts, { pool, patch })),
  );
  assert.ok(seek !== undefined && held !== undefined && spooled !== undefined);
  assert.ok(seek.bytes.equals(held.bytes));
  assert.ok(seek.bytes.equals(spooled.bytes));
  // The index has a key of its own for its tags; all else in it is the same.
  const places = await Promise.all(
    [seek, held, spooled].map(({ indexBytes }) => placesIn(indexBytes)),
  );
  assert.deepEqual(places[0], places[1]);
  assert.deepEqual(places[0], places[2]);
});

async function placesIn(indexBytes: Uint8Array): Promise<unknown[]> {
  const index = await openIndex(bufferSource(indexBytes), undefined);
  const places: unknown[] = [index.fingerprint];
  for (const member of index.members()) {
    places.push(await index.part(member));
    for await (const entries of index.entries(member))
      places.push(...entries.map(({ entry, contentOffset }) => [entry, contentOffset]));
  }
  return places;
}

for (const version of [2, 3] as const) {
  test(`every kind of target gets an archive that reads the same, v${version}`, async () => {
    const expected = await entriesOf(await (await makeSample(parts, { pool })).open());
    for (const patch of ["seek", "parts", "none"] as const) {
      const sample = await makeSample(parts, { pool, version, patch });
      assert.deepEqual(await entriesOf(await sample.open(), sample.keys), expected, patch);
    }
  });
}

function target(
  name: string,
  place: ReturnType<typeof memoryPlace>,
  changes: Partial<SinkTarget> = {},
): Promise<SinkTarget> {
  return place.writer().then((writer) => {
    return {
      name,
      target: writer,
      encryption: undefined,
      index: undefined,
      openSpool: async () => memorySpool(),
      ...changes,
    };
  });
}

const document = sampleDocument(parts, { compressed: true, extra: {} });

test("one run gives an encrypted archive here and a plain one there", async () => {
  const [here, there] = [memoryPlace(), memoryPlace("none")];
  const keys = new PasswordKeys("one");
  const targets = [
    await target("here", here, { encryption: await createEncryptionContext(3, keys) }),
    await target("there", there),
  ];
  const sink = new ArchiveSink({ targets, compressed: true, pool, mtime: 1 });
  await writeSample(sink, parts);
  await sink.finish(async ({ encryption }) => ({
    ...document,
    protected: encryption !== undefined,
  }));
  const encrypted = await openArchive(bufferSource(await here.bytes()));
  const plain = await openArchive(bufferSource(await there.bytes()));
  assert.deepEqual([encrypted.metadata.protected, plain.metadata.protected], [true, false]);
  assert.deepEqual(await entriesOf(encrypted, keys), await entriesOf(plain));
});

test("a target that fails, and cannot even be cleared away, does not stop the other", async () => {
  const good = memoryPlace();
  const failing = await target("failing", memoryPlace());
  const broken = {
    patch: "seek" as const,
    write: () => Promise.reject(new Error("disk on fire")),
    patchAt: () => Promise.reject(new Error("disk on fire")),
    commit: () => Promise.reject(new Error("disk on fire")),
    abort: () => Promise.reject(new Error("still on fire")),
  };
  const sink = new ArchiveSink({
    targets: [{ ...failing, target: broken }, await target("good", good)],
    compressed: true,
    pool,
    mtime: 1,
  });
  await writeSample(sink, parts);
  const results = await sink.finish(async () => document);
  assert.match(String(results[0]?.error), /disk on fire/);
  assert.equal(results[1]?.size, (await good.bytes()).length);
});

test("when all targets fail the run fails, and neither an archive nor a spool is left", async () => {
  const place = memoryPlace("none");
  const spool = memorySpool();
  const failing = {
    ...spool,
    write: () => Promise.reject(new Error("no room to spool")),
    [Symbol.asyncDispose]: () => spool[Symbol.asyncDispose](),
  };
  const targets = [await target("only", place, { openSpool: async () => failing })];
  const sink = new ArchiveSink({ targets, compressed: true, pool, mtime: 1 });
  await assert.rejects(writeSample(sink, parts), /no room to spool/);
  await sink.abort();
  assert.equal(spool.disposed, true);
  await assert.rejects(place.bytes(), { problem: "not-found" });
});
