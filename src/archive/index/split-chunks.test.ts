import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DeflatePool } from "#format/gzip/deflate-pool.ts";
import { GzipMemberWriter } from "#format/gzip/gzip-member-writer.ts";
import { dataKinds, sampleData } from "#test/compressible-data.ts";
import { bufferSource, collectingSink } from "#test/sample-archive.ts";
import { openIndex } from "./index-reader.ts";
import { createIndex } from "./index-key.ts";
import { splitChunks } from "./split-chunks.ts";

const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1);
let pool: DeflatePool;
before(async () => {
  pool = await DeflatePool.open({ engine: "wasm", threads: 1 });
});
after(() => pool[Symbol.asyncDispose]());

const mebibyte = 1024 * 1024;
const samples: Record<string, Uint8Array> = {
  ...Object.fromEntries(dataKinds.map((kind) => [kind, sampleData(kind, 3 * mebibyte + 77)])),
  "exactly two chunks": sampleData("random", 2 * mebibyte),
  nothing: new Uint8Array(0),
  "marks in stored data": Buffer.concat([
    sampleData("random", 50_000),
    Buffer.alloc(200_000, "0000ffff", "hex"),
    sampleData("random", 2 * mebibyte),
  ]),
  "marks sprinkled over random data": Buffer.from(sampleData("random", 2 * mebibyte + 5)).fill(
    "0000ffff",
    300_000,
    301_000,
    "hex",
  ),
};

for (const [name, data] of Object.entries(samples)) {
  test(`chunks are found again in ${name}`, async () => {
    const pieces: Uint8Array[] = [];
    const writer = new GzipMemberWriter(pool, {
      emit: (bytes) => void pieces.push(Uint8Array.from(bytes)),
      fileName: "a.tar",
    });
    await writer.write(data);
    await writer.end();
    const found: number[] = [];
    const content: Uint8Array[] = [];
    async function* stream() {
      yield* pieces;
    }
    for await (const { start, bytes } of splitChunks(stream())) {
      found.push(start);
      content.push(bytes);
    }
    assert.ok(Buffer.concat(content).equals(data));
    assert.deepEqual(found, writer.chunkStarts);
  });
}

test("an index of very many entries is written and searched a frame at a time", async () => {
  const count = 50_000 * loops;
  const collected = collectingSink();
  const writer = await createIndex(collected.sink, {
    slug: "01234567",
    keys: undefined,
    rootSalt: undefined,
  });
  for (let at = 0; at < count; at += 1) {
    const entry = {
      path: `data/folder/${at}`,
      type: "file",
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: at,
      size: 1,
    } as const;
    const waiting = writer.add("homeassistant.tar.gz", {
      entry,
      contentOffset: at * 1024,
      tag: "x",
    });
    if (waiting !== undefined) await waiting;
  }
  const layout = {
    offset: 1536,
    size: 10,
    plainSize: 10,
    tarSize: 1,
    crc32: 0,
    chunks: [],
    nonces: "",
    files: count,
    bytes: count,
    notes: [],
  };
  await writer.endPart({
    member: "homeassistant.tar.gz",
    encryption: "none",
    compression: "none",
    ...layout,
  });
  await writer.commit("fingerprint", {
    contentKey: new Uint8Array(32),
    madeBy: "writing",
  });
  const source = bufferSource(collected.bytes());
  const index = await openIndex(source, undefined);
  const found = await index.find("homeassistant.tar.gz", `data/folder/${count - 1}`);
  assert.equal(found?.contentOffset, (count - 1) * 1024);
  let largest = 0;
  let seen = 0;
  for await (const entries of index.entries("homeassistant.tar.gz")) {
    largest = Math.max(largest, entries.length);
    seen += entries.length;
  }
  assert.equal(seen, count);
  assert.ok(largest < 5000, `${largest} entries at once`);
});
