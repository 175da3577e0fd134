import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { zstdCompressSync } from "node:zlib";
import { decodeIndexHeader, encodeIndexHeader } from "#archive/index/index-header.ts";
import { FrameCipher } from "#archive/index/frame-cipher.ts";
import { backupOf, configBackup, hostileSlug, lastFile } from "#test/hostile-backup.ts";
import { runChild } from "#test/hostile-child.ts";
import { HostileSandbox, type Entrance } from "#test/hostile-sandbox.ts";

const ways: readonly Entrance[] = [
  "list",
  "files",
  "cat",
  "verify",
  "extract",
  "dry-run",
  "restore",
];

interface Frame {
  readonly kind: "entries" | "part";
  readonly member: string;
  readonly text: string;
}
interface Directory extends About {
  frames: Record<string, unknown>[];
}
/** What the directory says beside its frames. A stranger claims to have made the archive. */
interface About {
  fingerprint: string;
  contentKey: string;
  madeBy: string;
}

/** Makes the honest index of a backup, takes it apart and writes it beside the archive as a stranger would. */
async function plant(
  sandbox: HostileSandbox,
  change: (index: HonestIndex) => Uint8Array,
): Promise<void> {
  assert.equal((await sandbox.run("archive", "list", sandbox.archive, "--files")).code, 0);
  const own = join(sandbox.data, ".safehouse", `${hostileSlug}.index`);
  const bytes = change(openHonest(readFileSync(own)));
  rmSync(own);
  mkdirSync(join(sandbox.root, "stranger", ".safehouse"), { recursive: true });
  writeFileSync(join(sandbox.root, "stranger", ".safehouse", `${hostileSlug}.index`), bytes);
  sandbox.put(readFileSync(sandbox.archive));
}

interface HonestIndex {
  readonly bytes: Buffer;
  readonly header: Buffer;
  readonly frames: readonly Frame[];
  readonly about: About;
}

function openHonest(bytes: Buffer): HonestIndex {
  const cipher = new FrameCipher(undefined);
  const start = Number(bytes.readBigUInt64BE(bytes.length - 8));
  const { frames, ...about } = JSON.parse(
    cipher.open(0xffff_ffff, "directory", bytes.subarray(start, -8)).toString(),
  ) as About & {
    frames: { kind: Frame["kind"]; member: string; offset: number; length: number }[];
  };
  return {
    bytes,
    header: bytes.subarray(0, decodeIndexHeader(bytes).length),
    about: { ...about, madeBy: "writing" },
    frames: frames.map(({ kind, member, offset, length }, at) => ({
      kind,
      member,
      text: cipher.open(at, kind, bytes.subarray(offset, offset + length)).toString(),
    })),
  };
}

/** An index of these frames, its directory changed at will. */
function indexOf(
  { header, about }: HonestIndex,
  frames: readonly { kind: string; member: string; text: string | Buffer }[],
  change: (directory: Directory) => unknown = (same) => same,
): Buffer {
  const pieces: Uint8Array[] = [header];
  const directory: Directory = { ...about, frames: [] };
  const length = (): number => pieces.reduce((sum, piece) => sum + piece.length, 0);
  for (const { kind, member, text } of frames) {
    const packed = zstdCompressSync(text);
    directory.frames.push({ kind, member, offset: length(), length: packed.length });
    pieces.push(packed);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeBigUInt64BE(BigInt(length()));
  return Buffer.concat([...pieces, zstdCompressSync(JSON.stringify(change(directory))), trailer]);
}

type Change = (index: HonestIndex) => Uint8Array;

const changedFrames =
  (kind: Frame["kind"], change: (text: string) => string | Buffer): Change =>
  (index) =>
    indexOf(
      index,
      index.frames.map((frame) =>
        frame.kind === kind ? { ...frame, text: change(frame.text) } : frame,
      ),
    );
const changedPart = (changes: Record<string, unknown>): Change =>
  changedFrames("part", (text) => JSON.stringify({ ...(JSON.parse(text) as object), ...changes }));
const changedLines = (change: (line: Record<string, unknown>) => unknown): Change =>
  changedFrames("entries", (text) =>
    text
      .split("\n")
      .map((line) =>
        line === "" ? "" : JSON.stringify(change(JSON.parse(line) as Record<string, unknown>)),
      )
      .join("\n"),
  );
const changedDirectory =
  (change: (directory: Directory) => unknown): Change =>
  (index) =>
    indexOf(index, index.frames, change);
const changedBytes =
  (change: (bytes: Buffer) => Uint8Array): Change =>
  ({ bytes }) =>
    change(Buffer.from(bytes));

const chunkLies: readonly unknown[] = [
  [-1],
  [0],
  [10, 5],
  [10, 10],
  [1e300],
  ["10"],
  [10, 1e9],
  [null],
  {},
  "10",
  [9_007_199_254_740_991],
  Array.from({ length: 100_000 }, (_, at) => at + 1),
];

function headerWith(bytes: Buffer, key: unknown): Uint8Array {
  return encodeIndexHeader({ ...decodeIndexHeader(bytes).header, key: key as never });
}

/** Indexes that cannot be used: the archive has to be read as if they were not there. */
const unusable: Readonly<Record<string, Change>> = {
  nothing: changedBytes(() => Buffer.alloc(0)),
  noise: changedBytes(() => Buffer.alloc(10_000, "noise")),
  "a header that claims 4 GB": changedBytes(
    (bytes) => (bytes.writeUInt32BE(0xffff_ffff, 16), bytes),
  ),
  "a header that is null": changedBytes(() => encodeIndexHeader(null as never)),
  "a key that is none": changedBytes((bytes) =>
    Buffer.concat([
      headerWith(bytes, { salt: "", id: "x" }),
      bytes.subarray(decodeIndexHeader(bytes).length),
    ]),
  ),
  "a key of null": changedBytes((bytes) =>
    Buffer.concat([headerWith(bytes, null), bytes.subarray(decodeIndexHeader(bytes).length)]),
  ),
  "a directory far behind the end": changedBytes(
    (bytes) => (bytes.writeBigUInt64BE(2n ** 63n, bytes.length - 8), bytes),
  ),
  "a directory in the header": changedBytes(
    (bytes) => (bytes.writeBigUInt64BE(3n, bytes.length - 8), bytes),
  ),
  "a directory that is null": changedDirectory(() => null),
  "a directory without frames": changedDirectory(({ fingerprint }) => ({ fingerprint })),
  "frames that are null": changedDirectory((directory) => ({
    ...directory,
    frames: [null, 7, []],
  })),
  "a frame before the beginning": changedDirectory(
    (directory) => (Object.assign(directory.frames[0] ?? {}, { offset: -100 }), directory),
  ),
  "a frame of 2^53 bytes": changedDirectory(
    (directory) => (
      Object.assign(directory.frames[0] ?? {}, { length: Number.MAX_SAFE_INTEGER }),
      directory
    ),
  ),
  "a frame of a kind that is none": changedDirectory(
    (directory) => (Object.assign(directory.frames[0] ?? {}, { kind: "__proto__" }), directory),
  ),
  "one frame a million times": changedDirectory((directory) => ({
    ...directory,
    frames: Array.from({ length: 100_000 }, () => directory.frames[0]),
  })),
  "a directory of another archive": changedDirectory((directory) => ({
    ...directory,
    fingerprint: "x",
  })),
  "a frame that is too long": changedFrames("entries", () =>
    JSON.stringify({ p: "x".repeat(5_000_000), t: "f" }),
  ),
  "a layout that is no JSON": changedFrames("part", () => "{"),
  "a layout that is null": changedFrames("part", () => "null"),
  "a layout of another member": changedPart({ member: "share.tar.gz" }),
  "a layout before the beginning": changedPart({ offset: -512 }),
  "a layout in another place": changedPart({ offset: 0 }),
  "a layout that is too long": changedPart({ size: 2 ** 40 }),
  "a layout of another encryption": changedPart({ encryption: "v3" }),
  "a layout of more than there is": changedPart({ plainSize: 2 ** 40, compression: "none" }),
  "a layout of nonces that are none": changedPart({ nonces: 7 }),
  ...Object.fromEntries(
    chunkLies.map((chunks) => [
      `chunks ${JSON.stringify(chunks).slice(0, 30)}`,
      changedPart({ chunks }),
    ]),
  ),
};

for (const [about, change] of Object.entries(unusable)) {
  test(`an index that is ${about} is as good as none`, async () => {
    using sandbox = new HostileSandbox(await configBackup([]));
    await plant(sandbox, change);
    const said = await sandbox.enterAll("last.txt", ways);
    // Without an index of its own an unencrypted archive is readable, never proven.
    for (const [entrance, { code, out, err }] of Object.entries(said))
      assert.equal(code, entrance === "verify" ? 3 : 0, `${entrance}: ${out}${err}`);
    assert.match(said.verify.out, /is readable/);
    assert.equal(said.cat.out, lastFile.content);
  });
}

/** Indexes that can be read and lie about the entries: that is damage, and never more than that. */
const lies: Readonly<Record<string, Change>> = {
  "lines that are no JSON": changedFrames("entries", () => "nonsense\n{\n"),
  "lines that are null": changedFrames("entries", () => "null\n7\n[]\n"),
  "names that go up": changedLines((line) => ({ ...line, p: `../../../${String(line["p"])}` })),
  "other names": changedLines((line) => ({ ...line, p: "/etc/passwd" })),
  "names that are numbers": changedLines((line) => ({ ...line, p: 7 })),
  "types that are none": changedLines((line) => ({ ...line, t: "__proto__" })),
  "sizes below 0": changedLines((line) => ({ ...line, s: -1 })),
  "sizes of a petabyte": changedLines((line) => ({ ...line, s: 2 ** 50 })),
  "content before the beginning": changedLines((line) => ({ ...line, o: -1_000_000 })),
  "content far behind the end": changedLines((line) => ({ ...line, o: 2 ** 52 })),
  "no hashes": changedLines((line) => ({ ...line, h: undefined })),
  "other hashes": changedLines((line) => ({ ...line, h: "AAAA" })),
  "links in place of files": changedLines((line) => ({ ...line, t: "l", l: "/etc/passwd" })),
};

for (const [about, change] of Object.entries(lies)) {
  test(`an index with ${about} writes nothing elsewhere and proves nothing`, async () => {
    using sandbox = new HostileSandbox(await configBackup([]));
    await plant(sandbox, change);
    const said = await sandbox.enterAll("last.txt", ways);
    assert.notEqual(said.verify.code, 0, said.verify.out);
    assert.doesNotMatch(said.verify.out, /is proven/);
    for (const entrance of ["dry-run", "restore"] as const)
      assert.notEqual(said[entrance].code, 0, said[entrance].out);
  });
}

test("an index that anybody could have written counts nothing for an encrypted backup", async () => {
  using sandbox = new HostileSandbox(await configBackup([], { encrypted: 2 }));
  const plain = new HostileSandbox(await configBackup([]));
  await plant(plain, ({ bytes }) => bytes);
  mkdirSync(join(sandbox.root, "stranger", ".safehouse"));
  writeFileSync(
    join(sandbox.root, "stranger", ".safehouse", `${hostileSlug}.index`),
    readFileSync(join(plain.root, "stranger", ".safehouse", `${hostileSlug}.index`)),
  );
  plain[Symbol.dispose]();
  sandbox.put(readFileSync(sandbox.archive));
  const { code, out } = await sandbox.enter("verify");
  assert.equal(code, 3, out);
  assert.doesNotMatch(out, /is proven/);
});

test("bombs in an index stay within the memory bound", async () => {
  const bomb = Buffer.alloc(1024 * 1024 * 1024, " ");
  const packed = zstdCompressSync(bomb);
  const changes: Change[] = [
    (index) => rawIndex(index, [{ kind: "part", member: "homeassistant.tar.gz", packed }]),
    (index) => rawIndex(index, [{ kind: "entries", member: "homeassistant.tar.gz", packed }]),
    ({ header }) => {
      const trailer = Buffer.alloc(8);
      trailer.writeBigUInt64BE(BigInt(header.length));
      return Buffer.concat([header, packed, trailer]);
    },
  ];
  for (const change of changes) {
    using sandbox = new HostileSandbox(
      await backupOf({ inner: { "homeassistant.tar.gz": [lastFile] } }),
    );
    await plant(sandbox, change);
    await runChild(sandbox.root, ["archive", "list", sandbox.archive, "--files"]);
    await runChild(sandbox.root, ["archive", "verify", sandbox.archive]);
  }
});

function rawIndex(
  { header, about }: HonestIndex,
  frames: readonly { kind: string; member: string; packed: Buffer }[],
): Buffer {
  let offset = header.length;
  const listed = frames.map(({ kind, member, packed }) => {
    offset += packed.length;
    return { kind, member, offset: offset - packed.length, length: packed.length };
  });
  const trailer = Buffer.alloc(8);
  trailer.writeBigUInt64BE(BigInt(offset));
  return Buffer.concat([
    header,
    ...frames.map(({ packed }) => packed),
    zstdCompressSync(JSON.stringify({ ...about, frames: listed })),
    trailer,
  ]);
}
