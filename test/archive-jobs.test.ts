import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DeflatePool } from "#format/gzip/deflate-pool.ts";
import { writeTree } from "#installation/folder/restore/write-tree.ts";
import {
  bufferSource,
  makeSample,
  memorySpool,
  samplePassword,
  type SamplePart,
} from "#test/sample-archive.ts";
import type { ArchiveTools } from "#jobs/archive/archive-tools.ts";
import { catFile } from "#jobs/archive/cat-file.ts";
import { extractArchive } from "#jobs/archive/extract-archive.ts";
import { listFiles } from "#jobs/archive/list-archive.ts";
import { openArchiveFile } from "#jobs/archive/open-archive-file.ts";

const { signal } = new AbortController();
const told = { report: () => {}, signal };
let pool: DeflatePool;
let folder = "";
before(async () => {
  pool = await DeflatePool.open({ engine: "wasm", threads: 1 });
  folder = await mkdtemp(join(tmpdir(), "safehouse-jobs-"));
});
after(async () => {
  await pool[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const wanted = randomBytes(1_500_000);
const parts: readonly SamplePart[] = [
  {
    part: { kind: "homeassistant" },
    entries: [
      { path: "data/before", content: randomBytes(9_000_000) },
      { path: "data/wanted", content: wanted },
      { path: "data/behind", content: randomBytes(6_000_000) },
    ],
  },
  { part: { kind: "folder", name: "share" }, entries: [{ path: "notes.txt", content: "notes" }] },
];

/** Tools over one archive in memory, at a machine where nothing can be written. */
function toolsFor(
  bytes: Uint8Array,
  index?: Uint8Array,
): { tools: ArchiveTools; source: ReturnType<typeof bufferSource> } {
  const source = bufferSource(bytes);
  const denied = Object.assign(new Error("EROFS: read-only file system"), { code: "EROFS" });
  const refuse = () => Promise.reject(denied);
  const store = {
    open: async () => (index === undefined ? undefined : bufferSource(index)),
    create: refuse,
  };
  const tools: ArchiveTools = {
    openFile: async () => source,
    createFile: refuse,
    removeFile: refuse,
    replaceFile: refuse,
    openSpool: async () => memorySpool(),
    indexStores: () => [store],
    ownIndexStore: () => store,
    writeTree,
    deflatePool: async () => pool,
  };
  return { tools, source };
}

for (const version of [undefined, 2, 3] as const) {
  test(`one file is read without what stands around it, v${version ?? "-"}`, async () => {
    const sample = await makeSample(parts, { pool, version });
    const { tools, source } = toolsFor(sample.bytes, sample.indexBytes);
    await using file = await openArchiveFile("backup.tar", tools, async () => samplePassword);
    const pieces: Uint8Array[] = [];
    for await (const bytes of catFile(file, tools, {
      part: "homeassistant",
      path: "wanted",
      ...told,
    }))
      pieces.push(bytes);
    assert.ok(Buffer.concat(pieces).equals(wanted));
    assert.ok(source.bytesRead < 6_500_000, `${source.bytesRead} bytes were read`);
  });
}

test("where nothing can be written, listing and reading work all the same, with a warning", async () => {
  const sample = await makeSample(parts, { pool, version: 3 });
  const { tools } = toolsFor(sample.bytes);
  const warnings: string[] = [];
  const options = { ...told, warn: (text: string) => void warnings.push(text) };
  await using file = await openArchiveFile("backup.tar", tools, async () => samplePassword);
  const paths: string[] = [];
  for await (const { entries } of listFiles(file, tools, { part: undefined, ...options }))
    paths.push(...entries.map(({ entry }) => entry.path));
  assert.deepEqual(paths, ["data/before", "data/wanted", "data/behind", "notes.txt"]);
  const pieces: Uint8Array[] = [];
  for await (const bytes of catFile(file, tools, { part: "share", path: "notes.txt", ...options }))
    pieces.push(bytes);
  assert.equal(Buffer.concat(pieces).toString(), "notes");
  assert.match(warnings[0] ?? "", /cannot be kept/);
});

test("a damaged file is extracted as far as it can be read, told, and does not take the others with it", async () => {
  const sample = await makeSample(parts, { pool, compressed: false });
  const [inner] = (await sample.open()).inner;
  const bytes = Buffer.from(sample.bytes);
  const at = (inner?.offset ?? 0) + 4_000_000;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  const { tools } = toolsFor(bytes, sample.indexBytes);
  await using file = await openArchiveFile("backup.tar", tools, async () => undefined);
  const to = join(folder, "extracted");
  const [home, share] = await extractArchive(file, tools, {
    join,
    to,
    parts: [],
    paths: [],
    ...told,
  });
  assert.equal(home?.error?.problem, "damaged");
  assert.deepEqual(
    home.notes.map(({ path }) => path),
    ["data/before"],
  );
  assert.equal(share?.error, undefined);
  assert.ok((await readFile(join(to, "homeassistant/data/wanted"))).equals(wanted));
  assert.equal(await readFile(join(to, "share/notes.txt"), "utf8"), "notes");
});

test("only what the globs name is extracted", async () => {
  const sample = await makeSample(parts, { pool });
  const { tools } = toolsFor(sample.bytes);
  await using file = await openArchiveFile("backup.tar", tools, async () => undefined);
  const extracted = await extractArchive(file, tools, {
    join,
    to: join(folder, "some"),
    parts: ["homeassistant"],
    paths: ["data/wa*"],
    ...told,
  });
  assert.deepEqual(
    extracted.map(({ files }) => files),
    [1],
  );
});
