import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import type { OpenArchive } from "../read/open-archive.ts";
import { openIndex, type ArchiveIndex } from "../index/index-reader.ts";
import { findIndex } from "../index/find-index.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { DeflatePool } from "#format/gzip/deflate-pool.ts";
import { PasswordKeys } from "#format/securetar/password-keys.ts";
import { entriesOf } from "#test/archive-entries.ts";
import { sampleData } from "#test/compressible-data.ts";
import {
  bufferSource,
  makeSample,
  type SampleArchive,
  type SamplePart,
} from "#test/sample-archive.ts";
import { verifyArchive } from "./verify-archive.ts";
import type { VerifyReport } from "./verify-report.ts";

const { signal } = new AbortController();
const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1);
const versions = [undefined, 2, 3] as const;
let pool: DeflatePool;
before(async () => {
  pool = await DeflatePool.open({ engine: "wasm", threads: 1 });
});
after(() => pool[Symbol.asyncDispose]());

const small: readonly SamplePart[] = [
  {
    part: { kind: "homeassistant" },
    entries: [
      { path: "data", type: "directory" },
      { path: "data/a.yaml", content: "a: 1\n".repeat(40) },
    ],
  },
  { part: { kind: "folder", name: "ssl" }, entries: [{ path: "key.pem", content: "secret" }] },
];

/** Verifies as the program does, the index beside it included. Undefined where the archive does not open. */
async function verify(
  sample: SampleArchive,
  bytes: Uint8Array,
  withIndex: boolean,
): Promise<VerifyReport | SafehouseError> {
  try {
    const archive = await sample.open(bytes);
    const index = withIndex ? await fitting(sample, archive) : undefined;
    return await verifyArchive(archive, {
      level: "content",
      access: { keys: sample.keys, index },
      report: () => {},
      signal,
    });
  } catch (error) {
    if (error instanceof SafehouseError) return error;
    throw error;
  }
}

async function fitting(
  sample: SampleArchive,
  archive: OpenArchive,
): Promise<ArchiveIndex | undefined> {
  const open = async () => bufferSource(sample.indexBytes);
  return (
    await findIndex(
      archive,
      [{ open, create: () => Promise.reject(new Error("read only")) }],
      sample.keys,
    )
  ).index;
}

function flipped(bytes: Uint8Array, at: number, mask = 1): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
}

for (const version of versions) {
  const form = version === undefined ? "plain" : `v${version}`;

  test(`a sound ${form} archive is proven with its index, and without only if it authenticates itself`, async () => {
    const sample = await makeSample(small, { pool, version });
    const [known, unknown] = [
      await verify(sample, sample.bytes, true),
      await verify(sample, sample.bytes, false),
    ];
    assert.ok(!(known instanceof Error) && !(unknown instanceof Error));
    assert.deepEqual([known.verdict, known.indexed], ["proven", true]);
    assert.deepEqual(
      [unknown.verdict, unknown.indexed],
      [version === 3 ? "proven" : "readable", false],
    );
  });

  for (const withIndex of [true, false]) {
    test(`no flipped byte of ${form} ${withIndex ? "with" : "without"} index passes for proven where it counts`, async () => {
      const sample = await makeSample(small, { pool, version });
      const { inner } = await sample.open();
      const whole = await entriesOf(await sample.open(), sample.keys);
      const content = (at: number) =>
        inner.find(({ offset, size }) => at >= offset && at < offset + size);
      for (const at of sampledBytes(sample.bytes.length, content)) {
        const changed = flipped(sample.bytes, at, 1 << (at % 8));
        const found = await verify(sample, changed, withIndex);
        if (found instanceof Error || found.verdict !== "proven") continue;
        const member = content(at);
        // Outside of inner archives the content is what it was.
        if (member === undefined) continue;
        const offset = at - member.offset;
        // Nobody reads the eight reserved bytes of a SecureTar header.
        if (version === 3 && offset >= 24 && offset < 32) continue;
        // Deflate leaves some bits unused: whoever reads gets the same bytes.
        const read = await entriesOf(await sample.open(changed), sample.keys);
        assert.deepEqual(read, whole, `byte ${at}, ${member.member} ${offset}`);
      }
    });
  }

  test(`truncated ${form} archives are told at every block`, async () => {
    const sample = await makeSample(small, { pool, version });
    for (let length = 0; length < sample.bytes.length; length += length % 512 === 0 ? 511 : 1) {
      const found = await verify(sample, sample.bytes.subarray(0, length), true);
      if (!(found instanceof Error)) {
        const end = sample.bytes.lastIndexOf("}") + 1;
        assert.ok(length > end, `${length} bytes`);
      } else
        assert.ok(
          ["truncated", "damaged", "not-a-backup"].includes(found.problem),
          `${length}: ${found.problem}`,
        );
    }
  });
}

test("exactly the damaged files are named", async () => {
  const entries = Array.from({ length: 12 }, (_, at) => ({
    path: `data/${at}`,
    content: randomBytes(150_000),
  }));
  for (const version of versions) {
    for (const compressed of [true, false]) {
      const sample = await makeSample([{ part: { kind: "homeassistant" }, entries }], {
        pool,
        version,
        compressed,
      });
      const index = await sample.openIndex();
      const [inner] = (await sample.open()).inner;
      assert.ok(inner);
      const victim = await index.find(inner.member, "data/9");
      const part = await index.part(inner.member);
      assert.ok(victim && part);
      const at =
        Math.floor(victim.contentOffset + 75_000 + (compressed ? 100 : 0)) +
        (version === 3 ? 150 : version === 2 ? 48 : 0);
      const found = await verify(sample, flipped(sample.bytes, inner.offset + at), true);
      assert.ok(!(found instanceof Error));
      const named = found.parts.flatMap(({ problems }) => problems.map(({ path }) => path));
      assert.ok(named.includes("data/9"), `${version} ${compressed}: ${named.join()}`);
      // A message of v3 is 1 MiB and is lost as a whole.
      if (version !== 3) assert.deepEqual(named, ["data/9"]);
    }
  }
});

test("a damaged beginning is no wrong password if another part takes the password", async () => {
  for (const version of [2, 3] as const) {
    const sample = await makeSample(small, { pool, version });
    const { inner } = await sample.open();
    const at = (inner[0]?.offset ?? 0) + (version === 2 ? 60 : 70);
    const found = await verify(sample, flipped(sample.bytes, at), false);
    assert.ok(!(found instanceof Error), "the archive opens");
    assert.deepEqual(
      found.parts.map(({ verdict }) => verdict),
      ["damaged", version === 3 ? "proven" : "readable"],
    );
  }
});

test("a wrong password is told as one", async () => {
  for (const version of [2, 3] as const) {
    const sample = await makeSample(small, { pool, version });
    const access = { keys: new PasswordKeys("wrong"), index: undefined };
    const verifying = verifyArchive(await sample.open(), {
      level: "content",
      access,
      report: () => {},
      signal,
    });
    await assert.rejects(verifying, { problem: "wrong-password" });
  }
});

test("an index that is damaged or of another archive counts as none", async () => {
  const sample = await makeSample(small, { pool, version: 3 });
  const other = await makeSample(small, { pool, version: 3 });
  const archive = await sample.open();
  const find = async (bytes: Uint8Array) =>
    findIndex(
      archive,
      [
        {
          open: async () => bufferSource(bytes),
          create: () => Promise.reject(new Error("read only")),
        },
      ],
      sample.keys,
    );
  assert.ok((await find(sample.indexBytes)).index);
  assert.equal((await find(other.indexBytes)).index, undefined);
  const step = Math.max(1, Math.round(sample.indexBytes.length / (60 * loops)));
  for (let at = 0; at < sample.indexBytes.length; at += step) {
    for (const bytes of [flipped(sample.indexBytes, at), sample.indexBytes.subarray(0, at)]) {
      const { index, warnings } = await find(bytes);
      if (index === undefined) assert.equal(warnings.length, 1);
      // The slug in its header is for people.
      else
        assert.ok(sample.indexBytes.indexOf(archive.metadata.slug) <= at && at < 60, `byte ${at}`);
    }
  }
});

test("the index of a protected backup reveals no name", async () => {
  const sample = await makeSample(
    [
      {
        part: { kind: "folder", name: "ssl" },
        entries: [{ path: "very-private-name", content: "x" }],
      },
    ],
    { pool, version: 3 },
  );
  assert.equal(sample.indexBytes.includes("very-private-name"), false);
  assert.equal(sample.indexBytes.includes("ssl.tar"), false);
  await assert.rejects(openIndex(bufferSource(sample.indexBytes), undefined), {
    problem: "password-needed",
  });
  const wrong = new PasswordKeys("wrong");
  await assert.rejects(openIndex(bufferSource(sample.indexBytes), wrong.deriveKey.bind(wrong)), {
    problem: "damaged",
  });
});

test("levels look as deep as they say", async () => {
  const content = sampleData("text", 300_000);
  const sample = await makeSample(
    [{ part: { kind: "homeassistant" }, entries: [{ path: "data/a", content }] }],
    { pool },
  );
  const [inner] = (await sample.open()).inner;
  const broken = flipped(sample.bytes, (inner?.offset ?? 0) + (inner?.size ?? 0) - 6);
  const access = { keys: undefined, index: undefined };
  const verdicts = [];
  for (const level of ["listing", "structure", "content"] as const) {
    verdicts.push(
      (await verifyArchive(await sample.open(broken), { level, access, report: () => {}, signal }))
        .verdict,
    );
  }
  assert.deepEqual(verdicts, ["present", "present", "damaged"]);
});

/** Each costs a whole verification: what is not the beginning of an inner archive is sampled. */
function* sampledBytes(
  length: number,
  content: (at: number) => { readonly offset: number } | undefined,
): Generator<number> {
  // Other ones in each run, so that in time all are tried; a byte that passes is told by its number.
  const first = Math.floor(Math.random() * 61);
  for (let at = 0; at < length; at += 1) {
    const member = content(at);
    const inHead = member !== undefined && at - member.offset < 160;
    const step = inHead ? 2 : member === undefined ? 61 : 11;
    if ((first + at) % Math.max(1, Math.round(step / loops)) === 0) yield at;
  }
}
