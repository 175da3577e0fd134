import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Entry } from "#core/model/entry.ts";
import { decodePath } from "#core/model/path-bytes.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { writeChecksum } from "./checksum.ts";
import { encodeEntry, encodeEntryInto } from "./encode-entry.ts";
import { paxRecord, writePaxHeader } from "./encode-pax.ts";
import { endOfArchive, paddingAfter } from "./padding.ts";
import type { TarEvent } from "./tar-event.ts";
import { TarReader } from "./tar-reader.ts";

const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1);

interface Item {
  readonly entry: Entry;
  readonly content: Buffer;
}

const file: Entry = { path: "file", type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 5, size: 0 };

function archive(items: readonly Item[]): Buffer {
  const pieces: Uint8Array[] = items.flatMap(({ entry, content }) => [
    encodeEntry(entry),
    content,
    new Uint8Array(paddingAfter(content.length)),
  ]);
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return Buffer.concat([...pieces, endOfArchive(bytes)]);
}

function itemOf(text: string, more: Partial<Entry> = {}): Item {
  const content = Buffer.from(text);
  return { entry: { ...file, size: content.length, ...more }, content };
}

/** Reads in pieces of these lengths, over and over. */
function read(bytes: Buffer, lengths: readonly number[] = [bytes.length]): TarEvent[] {
  const reader = new TarReader();
  const events: TarEvent[] = [];
  let turn = 0;
  for (let at = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    events.push(...reader.push(bytes.subarray(at, at + length)));
    at += length;
  }
  return [...events, ...reader.end()];
}

function itemsOf(events: readonly TarEvent[]): Item[] {
  const items: { entry: Entry; content: Buffer }[] = [];
  for (const event of events) {
    const last = items.at(-1);
    if (event.kind === "entry") items.push({ entry: event.entry, content: Buffer.alloc(0) });
    else if (event.kind === "data" && last !== undefined) {
      last.content = Buffer.concat([last.content, event.bytes]);
    }
  }
  return items;
}

function failureOf(bytes: Buffer): SafehouseError {
  try {
    read(bytes);
  } catch (error) {
    if (error instanceof SafehouseError) return error;
    throw error;
  }
  return assert.fail("was read");
}

/** A block of our own, changed, with the checksum put right. */
function block(entry: Partial<Entry>, change: (block: Buffer) => void): Buffer {
  const header = Buffer.from(encodeEntry({ ...file, ...entry }));
  change(header);
  writeChecksum(header);
  return header;
}

function pax(records: string, type = "x"): Buffer {
  const target = Buffer.alloc(1024 + records.length + paddingAfter(records.length));
  const length = writePaxHeader(target, 0, records);
  target.write(type, 156);
  writeChecksum(target.subarray(0, 512));
  return target.subarray(0, length);
}

function closed(...pieces: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.concat(pieces);
  return Buffer.concat([bytes, endOfArchive(bytes.length)]);
}

const segment = fc.oneof(
  fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 20 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
  fc.string({ unit: fc.constantFrom("a", "b", "."), minLength: 80, maxLength: 180 }),
  fc
    .uint8Array({ min: 1, max: 255, minLength: 1, maxLength: 12 })
    .map((bytes) => decodePath(bytes)),
);
const name = fc
  .array(
    segment.map((text) => text.replace(/[/\0]/g, "_")),
    { minLength: 1, maxLength: 3 },
  )
  .map((segments) => segments.join("/"));
const id = fc.oneof(fc.nat(70000), fc.constantFrom(2097151, 2097152, 4294967294));
const time = fc.oneof(
  fc.integer(),
  fc.integer({ min: -4e9, max: 4e9 }).map((value) => value / 1000),
  fc.constantFrom(8 ** 11 - 1, 8 ** 11, -0.5, 1795347525.4176295, 1e-6),
);
const owner = fc
  .oneof(
    fc.constantFrom("root", "päul"),
    segment.map((text) => text.replace(/\0/g, "")),
  )
  .filter((text) => text !== "");
const attributes = {
  path: name,
  mode: fc.nat(0o7777),
  uid: id,
  gid: id,
  mtime: time,
};
const anyEntry: fc.Arbitrary<Item> = fc.oneof(
  fc
    .record({
      ...attributes,
      content: fc.uint8Array({ maxLength: 1200 }),
      names: fc.option(fc.record({ uname: owner, gname: owner }), { nil: {} }),
    })
    .map(({ content, names, ...rest }) => ({
      entry: { ...rest, ...names, type: "file" as const, size: content.length },
      content: Buffer.from(content),
    })),
  fc
    .record({
      ...attributes,
      type: fc.constantFrom("directory", "fifo", "character-device", "block-device"),
    })
    .map((entry) => ({ entry: { ...entry, size: 0 }, content: Buffer.alloc(0) })),
  fc
    .record({ ...attributes, type: fc.constantFrom("symlink", "hardlink"), linkTarget: name })
    .map((entry) => ({ entry: { ...entry, size: 0 }, content: Buffer.alloc(0) })),
);

describe("TarReader", () => {
  test("reads what we wrote, cut into pieces of any length", () => {
    fc.assert(
      fc.property(
        fc.array(anyEntry, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 5 }),
        (items, lengths) => {
          assert.deepEqual(itemsOf(read(archive(items), lengths)), items);
        },
      ),
      { numRuns: 300 * loops },
    );
  });

  test("reads byte by byte what it reads at once", () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 3 }), (items) => {
        assert.deepEqual(itemsOf(read(archive(items), [1])), items);
      }),
      { numRuns: 20 * loops },
    );
  });

  test("says where header and content stand", () => {
    const bytes = archive([
      itemOf("one"),
      itemOf("two", { mtime: 1.5 }),
      itemOf("", { path: "ä" }),
    ]);
    const places = read(bytes, [700]).flatMap((event) =>
      event.kind === "entry" ? [[event.headerOffset, event.contentOffset]] : [],
    );
    assert.deepEqual(places, [
      [0, 512],
      [1024, 2560],
      [3072, 4608],
    ]);
  });

  test("hands content out as a view of what was pushed", () => {
    const bytes = archive([itemOf("content")]);
    const [, data] = read(bytes);
    assert.ok(data?.kind === "data");
    assert.equal(data.bytes.buffer, bytes.buffer);
  });

  test("takes a Uint8Array that is no Buffer", () => {
    const bytes = new Uint8Array(archive([itemOf("plain")]));
    assert.equal(new TarReader().push(bytes).length, 2);
  });

  test("never calls a cut archive complete", () => {
    const items = [itemOf("one"), itemOf("two", { path: "ö".repeat(80), mtime: 0.25 })];
    const bytes = archive(items);
    const complete = bytes.length - 10240 + bytes.findLastIndex((byte) => byte !== 0);
    for (let length = 0; length < bytes.length; length += 1) {
      const reader = new TarReader();
      reader.push(bytes.subarray(0, length));
      if (reader.ended) {
        // One zero block is an end; the rest is filling.
        assert.ok(length > complete);
        reader.end();
      } else {
        assert.throws(() => reader.end(), { name: "SafehouseError", problem: "truncated" });
      }
    }
  });

  test("answers flipped bytes with events or a problem, nothing else", () => {
    const bytes = archive([
      itemOf("one", { mtime: 7.5 }),
      itemOf("", { type: "symlink", linkTarget: "x".repeat(120) }),
      itemOf("three", { path: "drei" }),
    ]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (changes, mendChecksums) => {
          const changed = Buffer.from(bytes);
          for (const [at, value] of changes) changed[at] = value;
          if (mendChecksums) {
            for (let at = 0; at < 4096; at += 512) writeChecksum(changed.subarray(at, at + 512));
          }
          try {
            read(changed, [513]);
          } catch (error) {
            assert.ok(error instanceof SafehouseError);
            assert.ok(error.problem === "damaged" || error.problem === "truncated");
          }
        },
      ),
      { numRuns: 3000 * loops },
    );
  });

  test("tells what stands before a fault, then the fault, every time", () => {
    const bytes = archive([itemOf("good"), itemOf("bad", { path: "bad" })]);
    bytes[1024 + 20] = 1;
    const reader = new TarReader();
    assert.deepEqual(itemsOf(reader.push(bytes)), [itemOf("good")]);
    const fault = { problem: "damaged", message: /at byte 1024: a header does not match/ };
    assert.throws(() => reader.push(bytes), fault);
    assert.throws(() => reader.end(), fault);
  });

  test("accepts any number of zeros behind the end", () => {
    const bytes = Buffer.concat([archive([itemOf("x")]), Buffer.alloc(300_001)]);
    assert.equal(read(bytes, [70_000]).length, 2);
  });

  test("does not take a header that was wiped out for the end", () => {
    const bytes = archive([itemOf("one"), itemOf("two")]);
    bytes.fill(0, 1024, 1536);
    assert.match(failureOf(bytes).message, /more behind the end/);
  });

  test("calls an empty archive complete and an empty stream truncated", () => {
    assert.deepEqual(read(archive([])), []);
    assert.equal(failureOf(Buffer.alloc(0)).problem, "truncated");
  });

  test("lets a caller leave content out", () => {
    const bytes = archive([itemOf("x".repeat(5000)), itemOf("two", { path: "second" })]);
    const reader = new TarReader();
    reader.push(bytes.subarray(0, 700));
    assert.equal(reader.skipContent(), 512 + 5120 - 700);
    assert.equal(reader.offset, 512 + 5120);
    const events = reader.push(bytes.subarray(reader.offset));
    assert.deepEqual(itemsOf(events), [itemOf("two", { path: "second" })]);
    reader.end();
  });
});

describe("header fields", () => {
  function entryOf(...pieces: readonly Uint8Array[]): Entry {
    const event = new TarReader().push(Buffer.concat(pieces)).find(({ kind }) => kind === "entry");
    assert.ok(event?.kind === "entry");
    return event.entry;
  }

  test("sizes of 8 GiB and more come from PAX or base-256", () => {
    const size = 9 * 2 ** 30;
    assert.equal(entryOf(encodeEntry({ ...file, size })).size, size);
    const base256 = block({}, (header) => {
      header.fill(0, 124, 136);
      header[124] = 0x80;
      header.writeBigUInt64BE(BigInt(size), 128);
    });
    assert.equal(entryOf(base256).size, size);
  });

  test("base-256 numbers have a sign", () => {
    const header = block({}, (bytes) => {
      bytes.fill(0xff, 136, 148);
      bytes[147] = 0xfe;
    });
    assert.equal(entryOf(header).mtime, -2);
  });

  test("numbers may be padded with blanks or fill the field", () => {
    const header = block({}, (bytes) => {
      bytes.write("  644 \0", 100, "latin1");
      bytes.write("77777777", 108, "latin1");
      bytes.fill(0, 116, 124);
    });
    const { mode, uid, gid } = entryOf(header);
    assert.deepEqual({ mode, uid, gid }, { mode: 0o644, uid: 0o77777777, gid: 0 });
  });

  test("a V7 archive marks a directory by a slash", () => {
    const header = block({ path: "folder/" }, (bytes) => {
      bytes[156] = 0;
      bytes.fill(0, 257, 265);
    });
    assert.deepEqual(entryOf(header), { ...file, path: "folder", type: "directory" });
  });

  test("a prefix counts in ustar and in star, not in GNU's own header", () => {
    const withPrefix = (change: (bytes: Buffer) => void) =>
      entryOf(
        block({}, (bytes) => {
          bytes.write("directory", 345);
          change(bytes);
        }),
      ).path;
    assert.equal(
      withPrefix(() => {}),
      "directory/file",
    );
    assert.equal(
      withPrefix((bytes) => bytes.write("ustar  \0", 257, "latin1")),
      "file",
    );
    const star = withPrefix((bytes) => {
      bytes.write("d".repeat(131) + "12345678901\0", 345, "latin1");
      bytes.write("tar\0", 508, "latin1");
    });
    assert.equal(star, `${"d".repeat(131)}/file`);
  });

  test("names stay as they are, but for slashes at the end", () => {
    for (const path of [".", "./data", "/etc/passwd", "../up", "/"]) {
      assert.equal(entryOf(encodeEntry({ ...file, type: "directory", path })).path, path);
    }
  });

  test("links and directories have no content, whatever their header says", () => {
    const link = block({ type: "hardlink", linkTarget: "x" }, (bytes) => bytes.write("777", 132));
    const events = read(closed(link, encodeEntry({ ...file, path: "next" })));
    assert.deepEqual(
      itemsOf(events).map(({ entry }) => [entry.path, entry.size]),
      [
        ["file", 0],
        ["next", 0],
      ],
    );
  });

  test("checksums of old writers, over signed bytes, are right too", () => {
    const header = block({}, (bytes) => {
      bytes[156] = 0;
      bytes.write("\xe4", 0, "latin1");
    });
    const stored = Number.parseInt(header.toString("latin1", 148, 154), 8);
    header.write((stored - 256).toString(8).padStart(6, "0"), 148);
    assert.equal(entryOf(header).path, "\udce4ile");
  });

  test("no number, a negative size and a size beyond reason are damage", () => {
    const bad = [
      block({}, (bytes) => bytes.write("x", 126)),
      block({}, (bytes) => bytes.fill(0xff, 124, 136)),
      block({}, (bytes) => bytes.fill(0xff, 125, 136).writeUInt8(0x80, 124)),
      block({}, (bytes) => bytes.write("9", 110)),
    ];
    for (const header of bad) assert.equal(failureOf(closed(header)).problem, "damaged");
  });
});

describe("PAX headers", () => {
  const next = encodeEntry({ ...file, path: "next" });

  function entriesOf(...pieces: readonly Uint8Array[]): Entry[] {
    return itemsOf(read(closed(...pieces))).map(({ entry }) => entry);
  }

  test("a record counts for one member, a global one for all that follow", () => {
    const paths = entriesOf(
      pax(paxRecord("uname", "world") + paxRecord("mtime", "9"), "g"),
      pax(paxRecord("uname", "one")),
      next,
      next,
    ).map(({ uname, mtime }) => [uname, mtime]);
    assert.deepEqual(paths, [
      ["one", 9],
      ["world", 9],
    ]);
  });

  test("an empty value takes back what stood before", () => {
    const [entry] = entriesOf(pax(paxRecord("path", "a") + paxRecord("path", "")), next);
    assert.equal(entry?.path, "next");
  });

  test("a value may hold line feeds and equals signs", () => {
    const [entry] = entriesOf(pax(paxRecord("path", "a\n9 path=b")), next);
    assert.equal(entry?.path, "a\n9 path=b");
  });

  test("times may be negative, fractional or, from Python, with exponent", () => {
    for (const [text, mtime] of [
      ["-1.5", -1.5],
      ["1e-07", 1e-7],
      ["12.", 12],
    ] as const) {
      assert.equal(entriesOf(pax(paxRecord("mtime", text)), next)[0]?.mtime, mtime);
    }
  });

  test("a size moves the next header", () => {
    const padded = Buffer.alloc(512, "x");
    const items = itemsOf(read(closed(pax(paxRecord("size", "3")), next, padded, next)));
    assert.deepEqual(
      items.map(({ content }) => content.toString()),
      ["xxx", ""],
    );
  });

  test("broken ones are damage", () => {
    const broken = [
      "5 a=b\n",
      "x path=a\n",
      "99 path=a\n",
      "0 path=a\n",
      "6 path\n",
      "4 =\n",
      "123456789012 path=a\n",
      paxRecord("size", "-1"),
      paxRecord("size", "1e3"),
      paxRecord("size", "9".repeat(30)),
      paxRecord("mtime", "now"),
      paxRecord("mtime", "1e999"),
      paxRecord("uid", "1.5"),
      paxRecord("path", "a\0b"),
      paxRecord("path", "x".repeat(70_000)),
    ];
    for (const records of broken) {
      assert.equal(failureOf(closed(pax(records), next)).problem, "damaged", records.slice(0, 40));
    }
    for (const keyword of ["size", "path", "linkpath"]) {
      const global = closed(pax(paxRecord(keyword, "1"), "g"), next);
      assert.match(failureOf(global).message, /global header sets a size or a name/);
    }
  });

  test("one that nothing follows is damage", () => {
    assert.match(failureOf(closed(pax(paxRecord("path", "a")))).message, /a header is missing/);
  });

  test("one that claims to be huge costs nothing", () => {
    for (const type of ["x", "g", "L", "K"]) {
      const header = block({ size: 2 ** 32 }, (bytes) => bytes.write(type, 156));
      assert.equal(failureOf(closed(header)).problem, "damaged");
    }
  });

  test("random records end in events or in damage", () => {
    const record = fc.oneof(
      fc
        .tuple(fc.constantFrom("path", "size", "mtime", "uid", "GNU.sparse.map", "x"), fc.string())
        .map(([keyword, value]) => paxRecord(keyword, Buffer.from(value).toString("latin1"))),
      fc.string({ unit: fc.constantFrom("1", "2", "9", " ", "=", "a", "\n", "\0") }),
    );
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 4 }),
        fc.constantFrom("x", "g"),
        (records, type) => {
          try {
            read(closed(pax(records.join(""), type), next));
          } catch (error) {
            assert.ok(error instanceof SafehouseError);
          }
        },
      ),
      { numRuns: 1000 * loops },
    );
  });
});

describe("members that cannot be an entry", () => {
  test("an unknown type becomes a note and its content is skipped", () => {
    const odd = block({ path: "odd", size: 600 }, (bytes) => bytes.write("D", 156));
    const events = read(closed(odd, Buffer.alloc(1024, "?"), encodeEntry(file)), [100]);
    assert.deepEqual(
      events.map((event) => (event.kind === "note" ? event.note.problem : event.kind)),
      ["unsupported", "entry"],
    );
  });

  test("one without a name is never an entry", () => {
    const nameless = block({}, (bytes) => bytes.fill(0, 0, 100));
    const events = read(closed(nameless));
    assert.deepEqual(
      events.map((event) => (event.kind === "note" ? event.note.problem : event.kind)),
      ["unsafe"],
    );
  });
});

describe("encodeEntryInto", () => {
  test("writes the same into a buffer that was used before", () => {
    fc.assert(
      fc.property(anyEntry, fc.nat(700), ({ entry }, offset) => {
        const alone = encodeEntry(entry);
        const target = Buffer.alloc(offset + alone.length + 9, 0xaa);
        assert.equal(encodeEntryInto(entry, target, offset), alone.length);
        assert.deepEqual(target.subarray(offset, offset + alone.length), Buffer.from(alone));
        assert.ok(target.subarray(0, offset).every((byte) => byte === 0xaa));
        assert.ok(target.subarray(-9).every((byte) => byte === 0xaa));
      }),
      { numRuns: 200 * loops },
    );
  });

  test("writes nothing where there is no room", () => {
    const target = Buffer.alloc(1535, 0xaa);
    assert.equal(encodeEntryInto({ ...file, mtime: 1.5 }, target, 0), 0);
    assert.ok(target.every((byte) => byte === 0xaa));
  });

  test("refuses entries that no archive can hold", () => {
    const wrong: Partial<Entry>[] = [
      { size: -1 },
      { size: 0.5 },
      { mtime: NaN },
      { uid: 1.5 },
      { path: "" },
      { path: "a\0b" },
      { linkTarget: "\0" },
    ];
    for (const change of wrong)
      assert.throws(() => encodeEntry({ ...file, ...change }), RangeError);
  });
});

test("archives end at a multiple of 10240, with two zero blocks at least", () => {
  for (const bytes of [0, 512, 9216, 9728, 10240, 12 * 2 ** 30 + 512]) {
    const length = endOfArchive(bytes).length;
    assert.ok(length >= 1024 && length < 1024 + 10240);
    assert.equal((bytes + length) % 10240, 0);
  }
});
