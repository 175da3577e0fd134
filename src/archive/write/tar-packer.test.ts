import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "#core/model/entry.ts";
import { ContentTag, contentKeyLength } from "../index/content-tag.ts";
import { TarPacker } from "./tar-packer.ts";

function file(path: string, size: number): Entry {
  return { path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 1, size };
}

/** Packs files of zeros into a tar of a promised size. */
async function pack(sizes: readonly number[], promised: number) {
  let written = 0;
  const taken: string[] = [];
  const packer = new TarPacker((bytes) => void (written += bytes.length), {
    tag: new ContentTag(new Uint8Array(contentKeyLength), 0),
    take: ({ entry }) => void taken.push(entry.path),
    promised,
  });
  for (const [number, size] of sizes.entries())
    await packer.write([
      { kind: "entry", entry: file(`f${number}`, size) },
      ...(size === 0 ? [] : [{ kind: "data" as const, bytes: new Uint8Array(size) }]),
    ]);
  await packer.end();
  return { written, taken, notes: packer.notes.map(({ path, problem }) => `${path} ${problem}`) };
}

test("a tar has the size that was promised, whatever is in it", async () => {
  for (const sizes of [[], [0], [1, 511, 512, 513], [5000]])
    assert.equal((await pack(sizes, 20_480)).written, 20_480, String(sizes));
});

test("what does not fit into the promised size is left out and named, and what comes after it goes in", async () => {
  const { written, taken, notes } = await pack([3000, 20_000, 2000], 10_240);
  assert.equal(written, 10_240);
  assert.deepEqual(taken, ["f0", "f2"]);
  assert.deepEqual(notes, ["f1 grew"]);
});
