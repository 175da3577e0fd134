import { strict as assert } from "node:assert";
import { writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { after, test } from "node:test";
import { RcloneBench, absentRclone } from "#test/places/rclone.ts";
import { body, someBytes } from "../contract/objects.ts";
import { digestOf, usableHashes } from "./hashes.ts";

const { signal } = new AbortController();
const skip = await absentRclone();
const bench = await RcloneBench.make();
after(() => bench.end());

test("every checksum is the one that rclone computes", { skip }, async () => {
  const folder = await bench.newFolder();
  const names = usableHashes([
    "crc32",
    "dropbox",
    "md5",
    "quickxor",
    "sha1",
    "sha256",
    "whirlpool",
  ]);
  assert.deepEqual(names, ["sha256", "sha1", "md5", "dropbox", "quickxor", "crc32"]);
  for (const size of [0, 1, 159, 160, 161, 4_194_304, 8_400_001]) {
    const bytes = someBytes(size, size);
    await writeFile(`${folder}/${size}`, bytes);
    const chunks = [
      bytes.subarray(0, 100),
      bytes.subarray(100, 5_000_000),
      bytes.subarray(5_000_000),
    ];
    for (const name of names) {
      const digest = digestByRclone(name, `${folder}/${size}`);
      assert.deepEqual(await digestOf(body(...chunks)(), name, signal), { size, digest });
    }
  }
});

function digestByRclone(hash: string, path: string): string | undefined {
  return execFileSync("rclone", ["hashsum", hash, path, "-q"], { encoding: "utf8" }).split(" ")[0];
}
