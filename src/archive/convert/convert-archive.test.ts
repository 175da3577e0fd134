import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openArchive } from "../read/open-archive.ts";
import { openNotes, resealExtra, sealNotes } from "../backup-notes/seal.ts";
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
  type SampleArchive,
  type SamplePart,
} from "#test/sample-archive.ts";
import { convertArchive } from "./convert-archive.ts";

let pool: DeflatePool;
before(async () => {
  pool = await DeflatePool.open({ engine: "wasm", threads: 1 });
});
after(() => pool[Symbol.asyncDispose]());

const parts: readonly SamplePart[] = [
  {
    part: { kind: "homeassistant" },
    entries: [{ path: "data/a", content: sampleData("mixed", 1_300_000) }],
  },
  { part: { kind: "folder", name: "share" }, entries: [{ path: "c", content: "c" }] },
];

async function convert(
  sample: SampleArchive,
  to: { version: 2 | 3; keys: PasswordKeys } | undefined,
  bytes?: Uint8Array,
) {
  const archive = await sample.open(bytes);
  const place = memoryPlace();
  const encryption =
    to === undefined ? undefined : await createEncryptionContext(to.version, to.keys);
  const extra = await resealExtra(archive.metadata.extra, sample.keys, to?.keys);
  const { signal } = new AbortController();
  const options = {
    keys: sample.keys,
    encryption,
    openPool: async () => pool,
    extra,
    signal,
    report: () => {},
    openSpool: async () => memorySpool(),
  };
  await convertArchive(archive, { ...options, target: await place.writer() }).catch(
    async (error: unknown) => {
      await assert.rejects(place.bytes(), { problem: "not-found" });
      throw error;
    },
  );
  return openArchive(bufferSource(await place.bytes()));
}

for (const from of [undefined, 2, 3] as const) {
  for (const to of [undefined, 2, 3] as const) {
    test(`from ${from ?? "plain"} to ${to ?? "plain"} nothing is lost and foreign keys of extra stay`, async () => {
      const sample = await makeSample(parts, {
        pool,
        version: from,
        extra: { "supervisor.addon_update": "x", instance_id: "i" },
      });
      const keys = new PasswordKeys("another password");
      const converted = await convert(sample, to === undefined ? undefined : { version: to, keys });
      assert.deepEqual(
        await entriesOf(converted, keys),
        await entriesOf(await sample.open(), sample.keys),
      );
      const { raw } = (await sample.open()).metadata;
      const { extra } = converted.metadata;
      assert.deepEqual([extra["instance_id"], extra["supervisor.addon_update"]], ["i", "x"]);
      assert.deepEqual(converted.metadata.raw, { ...raw, protected: to !== undefined, extra });
    });
  }
}

test("notes are sealed again for the new key, and stay as they are where the old one does not fit", async () => {
  const [old, next] = [new PasswordKeys("old"), new PasswordKeys("next")];
  const sealed = await sealNotes(
    { version: 1, writer: "w", parts: {} },
    { rules: ["media/private/**"] },
    { keys: old, rootSalt: undefined },
  );
  const extra = { safehouse: { ...sealed, later: 1 }, other: 2 };
  assert.equal(JSON.stringify(extra).includes("private"), false);
  const resealed = await resealExtra(extra, old, next);
  assert.deepEqual((await openNotes(resealed, next))?.rules, ["media/private/**"]);
  assert.equal((resealed["safehouse"] as { later?: number }).later, 1);
  const plain = await resealExtra(resealed, next, undefined);
  assert.deepEqual((await openNotes(plain, undefined))?.rules, ["media/private/**"]);
  assert.deepEqual(await resealExtra(extra, undefined, next), extra);
});

test("damage that a check value shows is refused, and nothing is left", async () => {
  const sample = await makeSample(parts, { pool, version: 3 });
  const [inner] = (await sample.open()).inner;
  const bytes = Buffer.from(sample.bytes);
  const at = (inner?.offset ?? 0) + 5000;
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  await assert.rejects(convert(sample, undefined, bytes), { problem: "damaged" });
});
