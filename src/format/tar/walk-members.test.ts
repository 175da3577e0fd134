import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { SafehouseError } from "#core/model/problem.ts";
import { encodeBackupJsonHeader, encodeInnerArchiveHeader } from "./encode-inner-archive-header.ts";
import { endOfArchive, paddingAfter } from "./padding.ts";
import { salvageMembers } from "./salvage-members.ts";
import type { ReadRange, TarMember } from "./tar-member.ts";
import { walkMembers } from "./walk-members.ts";

const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1);

/** Content that cannot be taken for a header or for an end. */
function noise(length: number): Buffer {
  return Buffer.alloc(length, "not a header ");
}

const contents: readonly (readonly [name: string, length: number])[] = [
  ["homeassistant.tar.gz", 9000],
  ["core_mosquitto.tar.gz", 1],
  ["share.tar.gz", 5120],
];

function backup(claims: Readonly<Record<string, number>> = {}): Buffer {
  const json = Buffer.from("{}");
  const bytes = Buffer.concat([
    ...contents.flatMap(([name, length]) => [
      encodeInnerArchiveHeader({ name, size: claims[name] ?? length, mtime: 5.5 }),
      noise(length),
      Buffer.alloc(paddingAfter(length)),
    ]),
    encodeBackupJsonHeader(json.length, 5),
    json,
    Buffer.alloc(paddingAfter(json.length)),
  ]);
  return Buffer.concat([bytes, endOfArchive(bytes.length)]);
}

function readerOf(bytes: Uint8Array): ReadRange {
  return (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length));
}

interface Walk {
  readonly names: readonly string[];
  readonly members: readonly TarMember[];
  readonly failure: SafehouseError | undefined;
}

async function walk(bytes: Uint8Array): Promise<Walk> {
  const members: TarMember[] = [];
  let failure: SafehouseError | undefined;
  try {
    for await (const member of walkMembers(readerOf(bytes), bytes.length)) members.push(member);
  } catch (error) {
    if (!(error instanceof SafehouseError)) throw error;
    failure = error;
  }
  return { names: members.map(({ entry }) => entry.path), members, failure };
}

const allNames = [...contents.map(([name]) => name), "./backup.json"];

describe("walkMembers", () => {
  test("finds every member and its content", async () => {
    const bytes = backup();
    const { members, names, failure } = await walk(bytes);
    assert.deepEqual(names, allNames);
    assert.equal(failure, undefined);
    for (const [index, [, length]] of contents.entries()) {
      const start = members[index]?.contentOffset ?? 0;
      assert.deepEqual(bytes.subarray(start, start + length), noise(length));
      assert.equal(members[index]?.headerOffset, start - 1536);
    }
  });

  test("lists 60 GB with one small read per member", async () => {
    const size = 20 * 2 ** 30;
    const header = (index: number) =>
      encodeInnerArchiveHeader({ name: `addon_${index}.tar.gz`, size, mtime: 5.5 });
    let reads = 0;
    const read: ReadRange = (offset, length) => {
      reads += 1;
      assert.ok(length <= 4096);
      const index = offset / (size + 1536);
      return Promise.resolve(
        index < 3 ? Buffer.concat([header(index), noise(2560)]) : Buffer.alloc(length),
      );
    };
    const total = 3 * (size + 1536) + 10240;
    const members = await Array.fromAsync(walkMembers(read, total));
    assert.deepEqual(
      members.map(({ entry }) => entry.size),
      [size, size, size],
    );
    assert.equal(reads, 4);
  });

  test("a file that is no tar is not a backup", async () => {
    for (const bytes of [noise(5000), noise(100), Buffer.from([0x1f, 0x8b, 8])]) {
      assert.equal((await walk(bytes)).failure?.problem, "not-a-backup");
    }
  });

  test("an empty file is truncated", async () => {
    assert.equal((await walk(Buffer.alloc(0))).failure?.problem, "truncated");
  });

  test("a cut file gives what is whole and names what is not, wherever it is cut", async () => {
    const bytes = backup();
    const whole = (await walk(bytes)).members;
    for (let length = 512; length < bytes.length - 10240; length += 73) {
      const { members, failure } = await walk(bytes.subarray(0, length));
      assert.equal(failure?.problem, "truncated");
      assert.deepEqual(
        members,
        whole.filter(({ contentOffset, entry }) => contentOffset + entry.size <= length),
      );
      const next = whole[members.length];
      if (next !== undefined && next.contentOffset <= length)
        assert.equal(failure.subject, next.entry.path);
    }
  });

  test("a bad header in the middle is damage, after what stands before it", async () => {
    const bytes = backup();
    bytes[1536 + 9216 + 3] = 1;
    const { names, failure } = await walk(bytes);
    assert.deepEqual(names, ["homeassistant.tar.gz"]);
    assert.equal(failure?.problem, "damaged");
  });

  test("zeros behind the end are not read", async () => {
    const bytes = Buffer.concat([backup(), Buffer.alloc(50_000)]);
    assert.deepEqual((await walk(bytes)).names, allNames);
  });
});

describe("salvageMembers", () => {
  async function salvage(bytes: Uint8Array, start = 0) {
    const members = await Array.fromAsync(salvageMembers(readerOf(bytes), bytes.length, start));
    return members.map(({ entry, sizeFits, extent }) => [entry.path, sizeFits, extent]);
  }
  const sound = [
    ...contents.map(([name, length]) => [name, true, length]),
    ["./backup.json", true, 2],
  ];

  test("finds in a sound file what walking finds", async () => {
    assert.deepEqual(await salvage(backup()), sound);
  });

  test("gets over a size that was never filled in, or is too large", async () => {
    for (const claim of [0, 9000 + 165_682, 9000 + 4096, 2 ** 40]) {
      const found = await salvage(backup({ "homeassistant.tar.gz": claim }));
      assert.deepEqual(found, [["homeassistant.tar.gz", false, 9216], ...sound.slice(1)]);
    }
  });

  test("gets over a header that is destroyed", async () => {
    const bytes = backup();
    bytes.fill(0xff, 0, 1536);
    assert.deepEqual(await salvage(bytes), sound.slice(1));
  });

  test("keeps the name and size of a member that lost its PAX header", async () => {
    const bytes = backup();
    bytes.fill(0xff, 0, 1024);
    assert.deepEqual(await salvage(bytes), sound);
  });

  test("gives what there is of a cut member", async () => {
    const bytes = backup().subarray(0, 5000);
    assert.deepEqual(await salvage(bytes), [["homeassistant.tar.gz", false, 5000 - 1536]]);
  });

  test("starts where it is told, at the next block", async () => {
    assert.deepEqual(await salvage(backup(), 2000), sound.slice(1));
  });

  test("never fails, whatever the bytes", async () => {
    const bytes = backup();
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 30 }),
        fc.nat(bytes.length),
        async (changes, length) => {
          const changed = Buffer.from(bytes.subarray(0, length));
          for (const [at, value] of changes) if (at < length) changed[at] = value;
          await salvage(changed);
          await walk(changed);
        },
      ),
      { numRuns: 200 * loops },
    );
  });
});
