import { strict as assert } from "node:assert";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { s3Storage, startMoto, startVersity } from "#test/places/s3-server.ts";
import {
  content,
  listed,
  readAll,
  rejectsWith,
  sameBytes,
  someBytes,
} from "../contract/objects.ts";
import { checksFor, runCheck } from "../contract/storage-contract.ts";

const { signal } = new AbortController();
const { server, absent } = await startVersity();
const { server: moto, absent: motoAbsent } = await startMoto();
after(() => Promise.all([server?.end(), moto?.end()]));
const skip = absent;

// That there are many is tried with files, below.
const manyObjects = 60;
const mebibyte = 1024 * 1024;

if (server === undefined) test("S3 keeps the storage contract", { skip });
else keepsStorageContract("S3", async () => s3Storage(await server.makeBucket()), { manyObjects });

test("another server keeps the contract too", { skip: motoAbsent }, async (context) => {
  assert.ok(moto !== undefined);
  const bucket = await moto.makeBucket();
  for (const [index, check] of checksFor(s3Storage(bucket)).entries()) {
    // Its router knows no name with a line feed.
    if (check.promise === "odd names are kept as they are") continue;
    const storage = s3Storage(bucket, { prefix: `a prefix/${index} ü%20+` });
    await context.test(check.promise, () =>
      runCheck(check, { storage, prefix: "check/", signal, manyObjects: 20 }),
    );
  }
});

test("below a prefix nothing else of the bucket is seen", { skip }, async () => {
  assert.ok(server !== undefined);
  const bucket = await server.makeBucket();
  const prefix = `100% "odd" #1 ü/+ &`;
  const [all, ours] = [s3Storage(bucket), s3Storage(bucket, { prefix })];
  await all.write("theirs.tar", content("theirs"), signal);
  await ours.write("ours.tar", content("ours"), signal);
  assert.deepEqual(
    (await listed({ storage: ours, signal }, "")).map(({ key }) => key),
    ["ours.tar"],
  );
  await rejectsWith(ours.stat("theirs.tar", signal), "not-found");
  assert.equal((await readAll({ storage: all, signal }, `${prefix}/ours.tar`)).toString(), "ours");
});

test("ten thousand objects are listed in pages, each once", { skip }, async () => {
  assert.ok(server !== undefined);
  const bucket = await server.makeBucket();
  const folder = join(server.folder, "data", bucket.bucket, "many");
  await mkdir(folder);
  const count = 10_000;
  for (let at = 0; at < count; at += 500) {
    const names = Array.from({ length: 500 }, (_, index) => `archive ${at + index}.tar`);
    await Promise.all(names.map((name) => writeFile(join(folder, name), "x")));
  }
  const pages = await Array.fromAsync(s3Storage(bucket).list("many/", signal));
  assert.equal(pages.length, count / 1000);
  assert.equal(new Set(pages.flat().map(({ key }) => key)).size, count);
});

test("what other programs keep as folders is no object", { skip }, async () => {
  assert.ok(server !== undefined);
  const bucket = await server.makeBucket();
  const client = server.client();
  for (const Key of ["backups/", "backups/sub/", "backups/real.tar"]) {
    await client.send(new PutObjectCommand({ Bucket: bucket.bucket, Key, Body: Buffer.alloc(0) }));
  }
  const storage = s3Storage(bucket, { prefix: "backups" });
  assert.deepEqual(
    (await listed({ storage, signal }, "")).map(({ key }) => key),
    ["real.tar"],
  );
});

test(
  "a bucket with versions shows each object once, and a removed one not at all",
  { skip },
  async () => {
    assert.ok(server !== undefined);
    const storage = s3Storage(await server.makeBucket({ versioned: true }));
    for (const text of ["one", "two", "three"]) {
      await storage.write("a.tar", { ...content(text), overwrite: true }, signal);
    }
    assert.equal((await listed({ storage, signal }, "")).length, 1);
    assert.equal((await readAll({ storage, signal }, "a.tar")).toString(), "three");
    await storage.remove("a.tar", signal);
    await storage.remove("a.tar", signal);
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    await rejectsWith(storage.stat("a.tar", signal), "not-found");
    await storage.write("a.tar", content("four"), signal);
    assert.equal((await readAll({ storage, signal }, "a.tar")).toString(), "four");
  },
);

test(
  "of two writers that end at the same time only one succeeds where the server can tell",
  { skip },
  async () => {
    assert.ok(server !== undefined);
    const storage = s3Storage(await server.makeBucket());
    for (const size of [10, 17 * mebibyte]) {
      const writers = [
        await storage.openWrite(`${size}`, {}, signal),
        await storage.openWrite(`${size}`, {}, signal),
      ];
      for (const writer of writers) {
        writer.holdFrom(Infinity);
        await writer.write(Buffer.alloc(size));
      }
      const ends = await Promise.allSettled(writers.map((writer) => writer.commit()));
      await Promise.all(writers.map((writer) => writer.abort()));
      assert.deepEqual(ends.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    }
  },
);

test(
  "headers are rewritten while an archive that is larger than memory allows goes on",
  { skip },
  async () => {
    assert.ok(server !== undefined);
    const storage = s3Storage(await server.makeBucket(), { partSize: 5 });
    const part = 5 * mebibyte;
    const expected = someBytes(8 * part + 1000);
    await using writer = await storage.openWrite("patched.tar", {}, signal);
    // The second archive's header lies across the border of two parts.
    const headers = [0, 3 * part - 100, 6 * part + 7];
    let written = 0;
    for (const [index, offset] of headers.entries()) {
      await writer.write(expected.subarray(written, offset));
      written = offset;
      writer.holdFrom(offset);
      const end = headers[index + 1] ?? expected.length;
      await writer.write(expected.subarray(written, end));
      written = end;
      const patch = Buffer.alloc(700, index + 1);
      await writer.patchAt(offset, patch);
      expected.set(patch, offset);
      await assert.rejects(writer.patchAt(offset - 1, Buffer.from("x")), RangeError);
    }
    await assert.rejects(writer.patchAt(expected.length, Buffer.from("x")), RangeError);
    await writer.commit();
    sameBytes(await readAll({ storage, signal }, "patched.tar"), expected);
    assert.equal(
      await storage.matches(
        "patched.tar",
        async function* () {
          yield expected;
        },
        signal,
      ),
      true,
    );
  },
);

test("an object of exactly one part, and of exactly several, is whole", { skip }, async () => {
  assert.ok(server !== undefined);
  const storage = s3Storage(await server.makeBucket(), { partSize: 5 });
  for (const size of [5 * mebibyte - 1, 5 * mebibyte, 5 * mebibyte + 1, 15 * mebibyte]) {
    const bytes = someBytes(size, size);
    const stored = await storage.write(`${size}`, { ...content(bytes), size }, signal);
    assert.deepEqual(await storage.stat(`${size}`, signal), stored);
    sameBytes(await readAll({ storage, signal }, `${size}`), bytes);
    assert.equal(await storage.matches(`${size}`, content(bytes).open, signal), true);
  }
});

test(
  "unfinished uploads go a day after their last part, those that somebody goes on with stay",
  { skip },
  async () => {
    assert.ok(server !== undefined);
    const bucket = await server.makeBucket();
    const storage = s3Storage(bucket, { partSize: 5 });
    const torn = new Error("torn");
    async function* open() {
      yield Buffer.alloc(11 * mebibyte);
      throw torn;
    }
    const resume = { state: undefined, keep: async () => undefined };
    for (const key of [
      "forsaken.tar",
      ".safehouse/forsaken.index",
      "theirs/other",
      "going-on.tar",
      "fresh.tar",
    ]) {
      await assert.rejects(storage.write(key, { open, size: 20 * mebibyte, resume }, signal), torn);
    }
    await using living = await storage.openWrite("living.tar", {}, signal);
    living.holdFrom(Infinity);
    await living.write(Buffer.alloc(11 * mebibyte));
    const fresh = await uploadFolders(bucket.bucket);
    for (const { folder, key } of fresh.filter((upload) => upload.key !== "fresh.tar")) {
      const parts = key === "going-on.tar" ? ["1"] : await readdir(folder);
      for (const part of parts) await age(join(folder, part));
      await age(folder);
    }
    const removed = await storage.removeLeftovers(signal);
    assert.deepEqual(
      removed.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      [
        { key: ".safehouse/forsaken.index", size: 10 * mebibyte },
        { key: "forsaken.tar", size: 10 * mebibyte },
      ],
    );
    assert.deepEqual(await storage.removeLeftovers(signal), []);
    await living.commit();
    assert.equal((await storage.stat("living.tar", signal)).size, 11 * mebibyte);
  },
);

/** Where the server keeps the parts of unfinished uploads, in the order of their beginning. */
async function uploadFolders(
  bucket: string,
): Promise<readonly { readonly folder: string; readonly key: string }[]> {
  assert.ok(server !== undefined);
  const { ListMultipartUploadsCommand } = await import("@aws-sdk/client-s3");
  const { Uploads = [] } = await server
    .client()
    .send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  const all = join(server.folder, "data", bucket, ".sgwtmp", "multipart");
  const paths = await readdir(all, { recursive: true });
  return Uploads.map(({ Key = "", UploadId = "none" }) => ({
    key: Key,
    folder: join(all, paths.find((path) => path.endsWith(UploadId)) ?? "none"),
  }));
}

async function age(path: string): Promise<void> {
  const then = new Date(Date.now() - 25 * 3_600_000);
  await utimes(path, then, then);
}
