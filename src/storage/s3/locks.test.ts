import { strict as assert } from "node:assert";
import { after, test } from "node:test";
import { HeadObjectCommand, PutObjectLegalHoldCommand } from "@aws-sdk/client-s3";
import { s3Storage, startMoto, startVersity } from "#test/places/s3-server.ts";
import { findKind } from "../catalog.ts";
import {
  content,
  listed,
  readAll,
  rejectsWith,
  sameBytes,
  someBytes,
} from "../contract/objects.ts";
import type { StorageError } from "../errors.ts";

const { signal } = new AbortController();
const servers = { versity: await startVersity(), moto: await startMoto() };
after(async () => {
  for (const { server } of Object.values(servers)) await server?.end();
});
const mebibyte = 1024 * 1024;
const day = 86_400_000;
const lock = { lockMode: "governance", lockDays: 3, partSize: 5 };

for (const [name, { server, absent: skip }] of Object.entries(servers)) {
  test(`archives at ${name} are locked for days, and nothing else is`, { skip }, async () => {
    assert.ok(server !== undefined);
    const bucket = await server.makeBucket({ locking: true });
    const storage = s3Storage(bucket, lock);
    const large = someBytes(6 * mebibyte);
    await storage.write("small.tar", content("small"), signal);
    await storage.write("large.tar", { ...content(large), size: large.length }, signal);
    await storage.write(".safehouse/notes.json", content("{}"), signal);
    for (const key of ["small.tar", "large.tar"]) {
      const removing = storage.remove(key, signal);
      await assert.rejects(removing, (error: StorageError) => {
        assert.equal(error.problem, "denied");
        assert.match(error.message, /locked until .* \(governance\) and cannot be removed before/);
        const until = Date.parse(String(error.facts?.["lockedUntil"]));
        assert.ok(Math.abs(until - Date.now() - 3 * day) < 60_000);
        return true;
      });
    }
    // Also by a place that is set up without a lock, which would only hide it.
    await rejectsWith(s3Storage(bucket).remove("small.tar", signal), "denied");
    await storage.remove(".safehouse/notes.json", signal);
    assert.deepEqual((await listed({ storage, signal }, "")).length, 2);
    sameBytes(await readAll({ storage, signal }, "large.tar"), large);
    assert.equal(await storage.matches("large.tar", content(large).open, signal), true);
  });

  test(`a legal hold at ${name} keeps an archive`, { skip }, async () => {
    assert.ok(server !== undefined);
    const bucket = await server.makeBucket({ locking: true });
    const storage = s3Storage(bucket);
    await storage.write("held.tar", content("held"), signal);
    const object = { Bucket: bucket.bucket, Key: "held.tar" };
    await server
      .client()
      .send(new PutObjectLegalHoldCommand({ ...object, LegalHold: { Status: "ON" } }));
    await rejectsWith(storage.remove("held.tar", signal), "denied");
    assert.equal((await storage.stat("held.tar", signal)).size, 4);
  });
}

const { server: versity, absent } = servers.versity;
const { server: moto, absent: motoAbsent } = servers.moto;

test(
  "a bucket that cannot lock refuses an archive instead of leaving it unlocked",
  { skip: absent },
  async () => {
    assert.ok(versity !== undefined);
    const bucket = await versity.makeBucket();
    const storage = s3Storage(bucket, lock);
    await rejectsWith(storage.write("a.tar", content("x"), signal), "unsupported");
    await rejectsWith(storage.openWrite("a.tar", {}, signal), "unsupported");
    await assert.rejects(storage.write("a.tar", content("x"), signal), /was not made for locks/);
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    const steps = await Array.fromAsync(
      findKind("s3").diagnose?.({ ...bucket, ...lock }, signal) ?? [],
    );
    const last = steps.at(-1);
    assert.deepEqual([last?.subject, last?.ok], ["permission", false]);
    assert.match(last?.advice ?? "", /object lock/);
  },
);

test(
  "an archive whose lock has passed is removed for good, with all its versions",
  { skip: motoAbsent },
  async () => {
    assert.ok(moto !== undefined);
    const bucket = await moto.makeBucket({ locking: true });
    const before = s3Storage(bucket);
    for (const text of ["one", "two"]) {
      await before.write("a.tar", { ...content(text), overwrite: true }, signal);
    }
    await s3Storage(bucket, lock).remove("a.tar", signal);
    await rejectsWith(before.stat("a.tar", signal), "not-found");
    const { ListObjectVersionsCommand } = await import("@aws-sdk/client-s3");
    const versions = await moto
      .client()
      .send(new ListObjectVersionsCommand({ Bucket: bucket.bucket }));
    assert.deepEqual([versions.Versions, versions.DeleteMarkers], [undefined, undefined]);
  },
);

test(
  "archives go into the class of storage that is set, notes do not",
  { skip: motoAbsent },
  async () => {
    assert.ok(moto !== undefined);
    const bucket = await moto.makeBucket();
    const storage = s3Storage(bucket, { storageClass: "standard_ia", partSize: 5 });
    await storage.write("small.tar", content("small"), signal);
    await storage.write("large.tar", content(someBytes(6 * mebibyte)), signal);
    await storage.write(".safehouse/notes.json", content("{}"), signal);
    const classes = ["small.tar", "large.tar", ".safehouse/notes.json"].map(async (Key) => {
      const head = new HeadObjectCommand({ Bucket: bucket.bucket, Key });
      return (await moto.client().send(head)).StorageClass;
    });
    assert.deepEqual(await Promise.all(classes), ["STANDARD_IA", "STANDARD_IA", undefined]);
  },
);

test(
  "an archive in a vault that must be asked first says so, and is compared all the same",
  { skip: motoAbsent },
  async () => {
    assert.ok(moto !== undefined);
    const storage = s3Storage(await moto.makeBucket(), { storageClass: "GLACIER" });
    await storage.write("cold.tar", content("cold"), signal);
    await rejectsWith(storage.read("cold.tar", undefined, signal), "unsupported");
    await assert.rejects(storage.read("cold.tar", undefined, signal), /has to be restored/);
    assert.equal((await storage.stat("cold.tar", signal)).size, 4);
    assert.equal(await storage.matches("cold.tar", content("cold").open, signal), true);
    assert.equal(await storage.matches("cold.tar", content("gold").open, signal), false);
  },
);

test("a server without such a class of storage says so", { skip: motoAbsent }, async () => {
  assert.ok(moto !== undefined);
  const storage = s3Storage(await moto.makeBucket(), { storageClass: "ROCKET" });
  const writing = storage.write("a.tar", content("x"), signal);
  await rejectsWith(writing, "unsupported");
  await assert.rejects(writing, /no such class of storage/);
});
