import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DeflatePool } from "#format/gzip/deflate-pool.ts";
import { openDecryptor } from "#format/securetar/open-decryptor.ts";
import { detectEncryption } from "#format/securetar/detect-encryption.ts";
import { entriesOf } from "#test/archive-entries.ts";
import { sampleData } from "#test/compressible-data.ts";
import { officialSoftware } from "#test/official-software.ts";
import {
  makeSample,
  samplePassword,
  type SampleEntry,
  type SamplePart,
} from "#test/sample-archive.ts";

const official = await officialSoftware();
const tar = existsSync("/bin/tar") ? false : "absent: GNU tar";
const mebibyte = 1024 * 1024;
let pool: DeflatePool;
let folder = "";

before(async () => {
  pool = await DeflatePool.open({ engine: "wasm" });
  folder = await mkdtemp(join(tmpdir(), "safehouse-written-"));
});
after(async () => {
  await pool[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Files of all sizes around the borders of blocks, chunks and messages, and all that is no file. */
const sizes = [
  0,
  1,
  511,
  512,
  513,
  10_239,
  65_536,
  mebibyte - 512,
  mebibyte - 1,
  mebibyte,
  mebibyte + 1,
  2 * mebibyte + 17,
];
const config: readonly SampleEntry[] = [
  { path: "data", type: "directory" },
  { path: "data/empty folder", type: "directory", mode: 0o700 },
  ...sizes.map((size) => ({ path: `data/random-${size}`, content: randomBytes(size) })),
  { path: "data/zeros", content: sampleData("zeros", 3 * mebibyte) },
  { path: "data/text", content: sampleData("text", 2 * mebibyte + 5) },
  { path: "data/ünï🙂.yaml", content: "unicode" },
  { path: `data/${"long/".repeat(60)}name`, content: "deep" },
  { path: `data/${"n".repeat(250)}`, content: "long name" },
  { path: "data/link", type: "symlink", linkTarget: "text", mode: 0o777 },
  { path: "data/far", type: "symlink", linkTarget: `${"../".repeat(50)}elsewhere/ü`, mode: 0o777 },
  { path: "data/second name of a file", content: "the same inode, stored twice", mode: 0o600 },
  { path: "data/first name of a file", content: "the same inode, stored twice", mode: 0o600 },
];
const parts: readonly SamplePart[] = [
  { part: { kind: "homeassistant" }, entries: config },
  {
    part: { kind: "addon", slug: "core_mosquitto" },
    entries: [
      { path: "data", type: "directory" },
      { path: "data/a", content: "b" },
    ],
  },
  {
    part: { kind: "folder", name: "addons/local" },
    entries: [
      { path: ".", type: "directory" },
      { path: "x/config.yaml", content: "slug: x" },
    ],
  },
  { part: { kind: "folder", name: "media" }, entries: [{ path: ".", type: "directory" }] },
];

for (const version of [undefined, 2, 3] as const) {
  for (const compressed of [true, false]) {
    const form = `${version === undefined ? "plain" : `v${version}`}${compressed ? "" : " uncompressed"}`;

    test(
      `what we write as ${form} is read in both official ways, entry by entry`,
      { skip: official.skip },
      async () => {
        const { bytes, open, keys } = await makeSample(parts, { pool, version, compressed });
        const file = join(folder, `${form}.tar`);
        await writeFile(file, bytes);
        const options = version === undefined ? {} : { password: samplePassword };
        const ours = await entriesOf(await open(), keys);
        const theirs = await official.use().list(file, options);
        assert.deepEqual(ours, theirs.parts);
        assert.deepEqual(
          (await official.use().list(file, { ...options, stream: true })).parts,
          theirs.parts,
        );
        for (const { path, content, type } of config) {
          if (type !== undefined) continue;
          const sha256 = createHash("sha256")
            .update(content ?? "")
            .digest("hex");
          assert.equal(theirs.parts.homeassistant?.[path]?.sha256, sha256, path);
        }
      },
    );
  }
}

test("the official restore gives back what went in", { skip: official.skip }, async () => {
  const { bytes } = await makeSample(parts, { pool, version: 3 });
  const file = join(folder, "restore.tar");
  const home = join(folder, "restored");
  await writeFile(file, bytes);
  await official.use().extract(file, home, { password: samplePassword });
  for (const { path, content, type } of config) {
    if (type === undefined)
      assert.deepEqual(
        await readFile(join(home, "config", path.slice(5))),
        Buffer.from(content ?? ""),
        path,
      );
  }
  assert.equal(await readlink(join(home, "config/link")), "text");
  assert.equal(await readFile(join(home, "addons/local/x/config.yaml"), "utf8"), "slug: x");
});

test("GNU tar and gzip read every inner archive of a plain backup", { skip: tar }, async () => {
  const { bytes } = await makeSample(parts, { pool });
  const file = join(folder, "gnu.tar");
  await writeFile(file, bytes);
  const run = (...args: string[]): Buffer =>
    execFileSync("tar", args, { cwd: folder, maxBuffer: 64 * mebibyte });
  run("xf", file, "homeassistant.tar.gz");
  execFileSync("gzip", ["-t", "homeassistant.tar.gz"], { cwd: folder });
  for (const { path, content, type } of config) {
    if (type === undefined)
      assert.deepEqual(
        run("xzOf", "homeassistant.tar.gz", "--no-wildcards", path),
        Buffer.from(content ?? ""),
        path,
      );
  }
});

test("names, order, headers and length are those of an official backup", async () => {
  const { bytes } = await makeSample(parts, { pool, version: 3 });
  assert.equal(bytes.length % 10_240, 0);
  const members = memberNames(bytes);
  const pax = "././@PaxHeader";
  assert.deepEqual(members, [
    pax,
    "homeassistant.tar.gz",
    pax,
    "core_mosquitto.tar.gz",
    pax,
    "addons_local.tar.gz",
    pax,
    "media.tar.gz",
    "./backup.json",
  ]);
});

test("backup.json says all that official readers require, and the slug follows from date and name", async () => {
  const { open } = await makeSample(parts, { pool, version: 3 });
  const { document } = await open();
  const json = JSON.parse(Buffer.from(document).toString()) as Record<string, unknown>;
  const expected = {
    version: 2,
    type: "partial",
    compressed: true,
    protected: true,
    folders: ["addons/local", "media"],
  };
  for (const [key, value] of Object.entries(expected)) assert.deepEqual(json[key], value, key);
  const hash = createHash("sha1").update(
    `${String(json["date"])} - ${String(json["name"])}`.toLowerCase(),
  );
  assert.equal(json["slug"], hash.digest("hex").slice(0, 8));
});

for (const version of [undefined, 2, 3] as const) {
  test(
    `each inner archive is one gzip member, v${version ?? "-"}`,
    { skip: official.skip },
    async () => {
      const { open, keys } = await makeSample(parts, { pool, version });
      const { source, inner } = await open();
      for (const { offset, size } of inner) {
        const stored = await source.read(offset, size);
        const detected = detectEncryption(stored.subarray(0, 512));
        let plain = Buffer.from(stored);
        if (detected.kind !== "none" && keys !== undefined) {
          const decryptor = await openDecryptor(detected, stored.subarray(0, 512), keys);
          plain = Buffer.concat([
            ...decryptor.push(stored.subarray(decryptor.headerLength)),
            ...decryptor.end(),
          ]);
        }
        assert.equal(membersIn(plain), 1);
      }
    },
  );
}

/** Python's decompressor stops at the end of a member and keeps what follows. */
function membersIn(gzip: Buffer): number {
  const code = `
import sys, zlib
data, count = sys.stdin.buffer.read(), 0
while data:
    d = zlib.decompressobj(31); d.decompress(data); assert d.eof; data = d.unused_data; count += 1
print(count)`;
  return Number(
    execFileSync("python3", ["-c", code], { input: gzip, maxBuffer: 64 * mebibyte }).toString(),
  );
}

function memberNames(archive: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; archive[at] !== 0;) {
    names.push(archive.toString("latin1", at, archive.indexOf(0, at)));
    const size = Number.parseInt(archive.toString("latin1", at + 124, at + 135), 8);
    at += 512 + 512 * Math.ceil(size / 512);
  }
  return names;
}
