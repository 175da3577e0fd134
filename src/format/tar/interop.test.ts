import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  fstatSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Entry } from "#core/model/entry.ts";
import { decodePath, encodePath } from "#core/model/path-bytes.ts";
import { encodeEntry } from "./encode-entry.ts";
import { encodeBackupJsonHeader, encodeInnerArchiveHeader } from "./encode-inner-archive-header.ts";
import { endOfArchive, paddingAfter } from "./padding.ts";
import type { TarEvent } from "./tar-event.ts";
import { TarReader } from "./tar-reader.ts";

const gnuTar = answers("tar", /GNU tar/) ? false : "absent: GNU tar";
const python = answers("python3", /Python 3/) ? false : "absent: python3";

function answers(program: string, expected: RegExp): boolean {
  const { stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return expected.test(stdout ?? "");
}

interface Item {
  readonly entry: Entry;
  readonly content: Buffer;
}

const base: Entry = {
  path: "",
  type: "file",
  mode: 0o644,
  uid: 1000,
  gid: 100,
  mtime: 1795347525,
  size: 0,
};

function fileOf(path: string, content: string, more: Partial<Entry> = {}): Item {
  const bytes = Buffer.from(content);
  return { entry: { ...base, path, size: bytes.length, ...more }, content: bytes };
}

function emptyOf(path: string, more: Partial<Entry>): Item {
  return { entry: { ...base, path, ...more }, content: Buffer.alloc(0) };
}

const foreignName = decodePath(Uint8Array.of(0x66, 0xfc, 0x72, 0xff));

/** What a home can hold, odd names included. */
const home: readonly Item[] = [
  emptyOf(".", { type: "directory", mode: 0o700, mtime: 1795347525.25 }),
  emptyOf("data", { type: "directory", mode: 0o755 }),
  fileOf("data/plain.txt", "plain\n", { uname: "root", gname: "wheel" }),
  fileOf("data/half.txt", "x".repeat(513), { mtime: 1795347525.4176295 }),
  fileOf("data/before-1970", "old", { mtime: -86400.5 }),
  fileOf("data/far-future", "new", { mtime: 8 ** 11 }),
  fileOf(`data/${"long/".repeat(40)}name`, "deep"),
  fileOf(`data/${"e".repeat(95)}`, "exactly 100"),
  fileOf(`data/${"e".repeat(96)}`, "one more"),
  emptyOf(`data/${"d".repeat(95)}`, { type: "directory", mode: 0o750 }),
  fileOf("data/Küche ☕ 𝄞", "non-ASCII", { uname: "jürgen", gname: "g".repeat(33) }),
  fileOf(`data/${foreignName}`, "not UTF-8"),
  fileOf("data/big-ids", "", { uid: 4294967294, gid: 2097152 }),
  fileOf("data/line\nfeed", "odd"),
  emptyOf("data/link", { type: "symlink", mode: 0o777, linkTarget: "plain.txt" }),
  emptyOf("data/long-link", { type: "symlink", mode: 0o777, linkTarget: "../x/".repeat(30) }),
  emptyOf("data/foreign-link", { type: "symlink", mode: 0o777, linkTarget: foreignName }),
  emptyOf("data/hard", { type: "hardlink", linkTarget: "data/plain.txt" }),
  emptyOf("data/pipe", { type: "fifo", mode: 0o600 }),
];

function archive(items: readonly Item[]): Buffer {
  const pieces: Uint8Array[] = items.flatMap(({ entry, content }) => [
    encodeEntry(entry),
    content,
    new Uint8Array(paddingAfter(content.length)),
  ]);
  const bytes = Buffer.concat(pieces);
  return Buffer.concat([bytes, endOfArchive(bytes.length)]);
}

function eventsOf(bytes: Buffer, length = 1000): TarEvent[] {
  const reader = new TarReader();
  const events: TarEvent[] = [];
  for (let at = 0; at < bytes.length; at += length) {
    events.push(...reader.push(bytes.subarray(at, at + length)));
  }
  return [...events, ...reader.end()];
}

function entriesOf(bytes: Buffer): Entry[] {
  return eventsOf(bytes).flatMap((event) => (event.kind === "entry" ? [event.entry] : []));
}

function contentsOf(bytes: Buffer): Map<string, string> {
  const contents = new Map<string, string>();
  let path = "";
  for (const event of eventsOf(bytes)) {
    if (event.kind === "entry") path = event.entry.path;
    if (event.kind === "entry" && event.entry.type === "file") contents.set(path, "");
    if (event.kind === "data")
      contents.set(path, contents.get(path) + Buffer.from(event.bytes).toString());
  }
  return contents;
}

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "safehouse-tar-"));
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("GNU tar", { skip: gnuTar }, () => {
  test("lists and extracts what we wrote", () => {
    // Without a warning: the archive is read from a pipe, so no size may be off.
    const target = join(folder, "extracted");
    mkdirSync(target);
    const items = home.filter(({ entry }) => entry.path !== "data/far-future");
    const options = ["--no-same-owner", "--warning=no-timestamp", "--warning=no-unknown-keyword"];
    const { status, stderr } = spawnSync("tar", ["-xf", "-", "-C", target, ...options], {
      input: archive(items),
      encoding: "utf8",
    });
    assert.equal(stderr, "");
    assert.equal(status, 0);
    for (const { entry, content } of items) {
      if (entry.type !== "file") continue;
      const place = Buffer.concat([Buffer.from(`${target}/`), encodePath(entry.path)]);
      assert.deepEqual(readFileSync(place), content, entry.path);
    }
    assert.equal(readFileSync(join(target, "data/link"), "utf8"), "plain\n");
    assert.equal(readFileSync(join(target, "data/hard"), "utf8"), "plain\n");
  });

  const formats = ["v7", "oldgnu", "gnu", "ustar", "posix"];
  for (const format of formats) {
    test(`archives in its format ${format} are read`, () => {
      const source = makeTree(join(folder, `source-${format}`), format);
      const bytes = execFileSync("tar", [`--format=${format}`, "-cf", "-", "-C", source, "."]);
      const long = format === "v7" ? [] : [`./${"n".repeat(60)}/${"m".repeat(60)}`];
      assert.deepEqual(
        contentsOf(bytes),
        new Map(
          [...treeContents, ...long.map((path) => [path, "long"] as const)].toSorted(
            byPathIn(bytes),
          ),
        ),
      );
      const link = entriesOf(bytes).find(({ path }) => path === "./link");
      assert.equal(link?.linkTarget, "Küche");
      assert.equal(link.type, "symlink");
      assert.equal(entriesOf(bytes)[0]?.path, ".");
      assert.equal(entriesOf(bytes).filter(({ type }) => type === "hardlink").length, 0);
    });
  }

  test("hard links and names longer than PAX blocks are read", () => {
    const source = join(folder, "links");
    mkdirSync(source);
    writeFileSync(join(source, "a"), "one inode");
    linkSync(join(source, "a"), join(source, "b"));
    const bytes = execFileSync("tar", ["--sort=name", "-cf", "-", "-C", source, "a", "b"]);
    const [first, second] = entriesOf(bytes);
    assert.equal(first?.type, "file");
    assert.deepEqual([second?.type, second?.linkTarget, second?.size], ["hardlink", "a", 0]);
  });

  for (const format of ["gnu", "posix"]) {
    test(`a sparse file in its format ${format} is a note, and reading goes on`, (context) => {
      const source = join(folder, `sparse-${format}`);
      mkdirSync(source);
      if (!writeHoles(join(source, "holes"))) return context.skip("absent: sparse files");
      writeFileSync(join(source, "next"), "next");
      const options = [`--format=${format}`, "-S", "--hole-detection=raw", "-cf", "-"];
      const bytes = execFileSync("tar", [...options, "-C", source, "holes", "next"], {
        maxBuffer: 2 ** 26,
      });
      const events = eventsOf(bytes, 333);
      const [note] = events.flatMap((event) => (event.kind === "note" ? [event.note] : []));
      assert.deepEqual([note?.path, note?.problem], ["holes", "unsupported"]);
      assert.deepEqual(contentsOf(bytes), new Map([["next", "next"]]));
    });
  }
});

/** More pieces than the first block of a map has room for. False if the file system fills holes. */
function writeHoles(path: string): boolean {
  const descriptor = openSync(path, "w");
  for (let piece = 0; piece < 40; piece += 1) {
    writeSync(descriptor, Buffer.alloc(4096, "x"), 0, 4096, piece * 1048576);
  }
  const { blocks, size } = fstatSync(descriptor);
  closeSync(descriptor);
  return blocks * 512 < size / 2;
}

const treeContents: readonly (readonly [string, string])[] = [
  ["./Küche", "coffee"],
  ["./folder/file", "x".repeat(3000)],
];

function byPathIn(
  bytes: Buffer,
): (a: readonly [string, string], b: readonly [string, string]) => number {
  const order = entriesOf(bytes).map(({ path }) => path);
  return ([a], [b]) => order.indexOf(a) - order.indexOf(b);
}

/** The format v7 has no way to say a long name. */
function makeTree(root: string, format: string): string {
  mkdirSync(join(root, "folder"), { recursive: true });
  for (const [path, content] of treeContents) writeFileSync(join(root, path), content);
  symlinkSync("Küche", join(root, "link"));
  utimesSync(join(root, "Küche"), 1700000000.125, 1700000000.125);
  if (format !== "v7") {
    mkdirSync(join(root, "n".repeat(60)));
    writeFileSync(join(root, "n".repeat(60), "m".repeat(60)), "long");
  }
  return root;
}

describe("Python's tarfile", { skip: python }, () => {
  test("lists what we wrote", () => {
    const listed: unknown = JSON.parse(pythonOf(listMembers, archive(home)));
    const expected = home.map(({ entry, content }) => ({
      path: hex(entry.path),
      type: typeOf(entry),
      mode: entry.mode,
      uid: entry.uid,
      gid: entry.gid,
      uname: entry.uname ?? "",
      gname: entry.gname ?? "",
      mtime: entry.mtime,
      size: entry.size,
      link: hex(entry.linkTarget ?? ""),
      content: content.toString("latin1"),
    }));
    assert.deepEqual(listed, expected);
  });

  test("writes the same headers as we do", () => {
    const asked = home.map(({ entry }) => ({
      path: hex(entry.path),
      type: typeOf(entry),
      mode: entry.mode,
      uid: entry.uid,
      gid: entry.gid,
      uname: entry.uname ?? "",
      gname: entry.gname ?? "",
      mtime: entry.mtime,
      size: entry.size,
      link: hex(entry.linkTarget ?? ""),
    }));
    const headers = JSON.parse(pythonOf(encodeMembers, JSON.stringify(asked))) as string[];
    for (const [index, { entry }] of home.entries()) {
      assert.equal(
        comparable(encodeEntry(entry)),
        comparable(Buffer.from(headers[index] ?? "", "hex")),
        entry.path,
      );
    }
  });

  test("writes the same header of an inner archive, of 8 GiB and more too", () => {
    const name = "homeassistant.tar.gz";
    const members = [0, 8 ** 11 - 1, 8 ** 11, 9 * 2 ** 30].flatMap((size) =>
      [1795347525.4176295, 1795347525].map((mtime) => ({ name, size, mtime })),
    );
    const plain = { type: "0", mode: 0o644, uid: 0, gid: 0, uname: "", gname: "", link: "" };
    const asked = members.map((member) => ({ ...plain, ...member, path: hex(name), float: true }));
    const headers = JSON.parse(pythonOf(encodeMembers, JSON.stringify(asked))) as string[];
    for (const [index, member] of members.entries()) {
      const ours = encodeInnerArchiveHeader(member);
      assert.equal(ours.length, 1536);
      assert.equal(comparable(ours), comparable(Buffer.from(headers[index] ?? "", "hex")));
    }
  });

  test("finds backup.json behind our header", () => {
    const content = Buffer.from("{}");
    const bytes = Buffer.concat([
      encodeBackupJsonHeader(2, 5.9),
      content,
      Buffer.alloc(510),
      endOfArchive(1024),
    ]);
    const [member] = JSON.parse(pythonOf(listMembers, bytes)) as Record<string, unknown>[];
    assert.deepEqual(
      [member?.["path"], member?.["mtime"], member?.["mode"]],
      [hex("./backup.json"), 5, 0o644],
    );
  });

  for (const format of ["USTAR", "GNU", "PAX"]) {
    test(`archives in its format ${format} are read`, () => {
      const bytes = Buffer.from(pythonOf(writeArchive(format), ""), "hex");
      const entries = entriesOf(bytes);
      assert.deepEqual(
        entries.map(({ path, type }) => [path, type]),
        [
          [`d/${foreignName}`, "file"],
          [`${"p".repeat(90)}/${"q".repeat(90)}`, "file"],
          ["ä", "directory"],
          ["link", "symlink"],
        ],
      );
      assert.equal(entries[0]?.mtime, format === "PAX" ? 1700000000.125 : 1700000000);
      assert.equal(entries[3]?.linkTarget, "é");
      assert.deepEqual([...contentsOf(bytes).values()], ["abc", ""]);
    });
  }

  test("negative and huge numbers in its GNU format are read", () => {
    const bytes = Buffer.from(pythonOf(writeHugeNumbers, ""), "hex");
    const event = new TarReader().push(bytes)[0];
    assert.ok(event?.kind === "entry");
    const { size, mtime, uid } = event.entry;
    assert.deepEqual({ size, mtime, uid }, { size: 9663676416, mtime: -7, uid: 4294967294 });
  });
});

/** Device fields differ between versions of Python, and with them the checksum. */
function comparable(header: Uint8Array): string {
  const bytes = Buffer.from(header);
  for (const start of [0, bytes.length - 512]) {
    bytes.fill(0, start + 329, start + 345);
    bytes.fill(0, start + 148, start + 156);
  }
  return bytes.toString("latin1").replaceAll("\0", "");
}

function hex(name: string): string {
  return Buffer.from(encodePath(name)).toString("hex");
}

function typeOf({ type }: Entry): string {
  return {
    file: "0",
    hardlink: "1",
    symlink: "2",
    "character-device": "3",
    "block-device": "4",
    directory: "5",
    fifo: "6",
  }[type];
}

function pythonOf(script: string, input: string | Buffer): string {
  return execFileSync("python3", ["-c", script], { input, encoding: "utf8", maxBuffer: 2 ** 26 });
}

const listMembers = `
import io, json, sys, tarfile
raw = lambda name: name.encode("utf-8", "surrogateescape").hex()
archive = tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()), mode="r:", encoding="utf-8")
print(json.dumps([{
  "path": raw(m.name), "type": m.type.decode(), "mode": m.mode, "uid": m.uid, "gid": m.gid,
  "uname": m.uname, "gname": m.gname, "mtime": m.mtime, "size": m.size, "link": raw(m.linkname),
  "content": archive.extractfile(m).read().decode("latin-1") if m.isreg() else "",
} for m in archive]))
`;

const encodeMembers = `
import json, sys, tarfile
text = lambda name: bytes.fromhex(name).decode("utf-8", "surrogateescape")
headers = []
for asked in json.load(sys.stdin):
  m = tarfile.TarInfo(text(asked["path"]))
  m.type, m.linkname = asked["type"].encode(), text(asked["link"])
  for key in ("mode", "uid", "gid", "uname", "gname", "mtime", "size"):
    setattr(m, key, asked[key])
  if asked.get("float"):
    m.mtime = float(m.mtime)
  headers.append(m.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape").hex())
print(json.dumps(headers))
`;

function writeArchive(format: string): string {
  return `
import io, tarfile
out = io.BytesIO()
archive = tarfile.open(fileobj=out, mode="w", format=tarfile.${format}_FORMAT, encoding="utf-8", errors="surrogateescape")
def add(name, type=tarfile.REGTYPE, content=b"", link="", mtime=1700000000):
  m = tarfile.TarInfo(name)
  m.type, m.linkname, m.mtime, m.size = type, link, mtime, len(content)
  archive.addfile(m, io.BytesIO(content))
add("d/f\\udcfcr\\udcff", content=b"abc", mtime=1700000000.125)
add("p" * 90 + "/" + "q" * 90)
add("ä", tarfile.DIRTYPE)
add("link", tarfile.SYMTYPE, link="é")
archive.close()
print(out.getvalue().hex())
`;
}

const writeHugeNumbers = `
import tarfile
m = tarfile.TarInfo("huge")
m.size, m.mtime, m.uid = 9663676416, -7, 4294967294
print(m.tobuf(tarfile.GNU_FORMAT).hex())
`;
