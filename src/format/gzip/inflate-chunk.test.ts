import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync, constants } from "node:zlib";
import { sampleData } from "#test/compressible-data.ts";
import { inflateChunk } from "./inflate-chunk.ts";

const flush = { finishFlush: constants.Z_SYNC_FLUSH };

test("inflates one chunk up to its sync marker", async () => {
  const data = sampleData("text", 100_000);
  assert.deepEqual(Uint8Array.from(await inflateChunk(deflateRawSync(data, flush), 100_000)), data);
});

test("ignores the end of the member behind the last chunk", async () => {
  const data = sampleData("text", 1000);
  const end = Uint8Array.of(3, 0, 1, 2, 3, 4, 5, 6, 7, 8);
  const last = Buffer.concat([deflateRawSync(data, flush), end]);
  assert.deepEqual(Uint8Array.from(await inflateChunk(last, 1000)), data);
});

test("a chunk that holds more than expected is damaged, and never comes out", async () => {
  const bomb = deflateRawSync(new Uint8Array(50_000_000), flush);
  await assert.rejects(inflateChunk(bomb, 1 << 20), { name: "SafehouseError", problem: "damaged" });
  const byOne = deflateRawSync(new Uint8Array(1001), flush);
  await assert.rejects(inflateChunk(byOne, 1000), { problem: "damaged" });
});

test("bytes that are no deflate are damaged", async () => {
  await assert.rejects(inflateChunk(Uint8Array.of(7, 7, 7), 10), { problem: "damaged" });
});

test("a chunk that is cut off gives fewer bytes", async () => {
  const compressed = deflateRawSync(sampleData("text", 10_000), flush);
  const part = await inflateChunk(compressed.subarray(0, compressed.length / 2), 10_000);
  assert.ok(part.length < 10_000);
});
