import { strict as assert } from "node:assert";
import type { ContractCheck } from "./contract-check.ts";
import { content, listed, readAll, rejectsWith, sameBytes, someBytes } from "./objects.ts";

/** Promises of `read`, `open`, `stat`, `list`, `remove` and `freeSpace`. */
export const readingChecks: readonly ContractCheck[] = [
  {
    promise: "ranges give the bytes that were asked for, and no more than there are",
    async run(context) {
      const { storage, prefix, signal } = context;
      const key = `${prefix}ranges`;
      const bytes = someBytes(200_000);
      await storage.write(key, content(bytes), signal);
      const ranges = [
        { offset: 0, length: 1 },
        { offset: 65_535, length: 70_000 },
        { offset: 199_999, length: 10 },
        { offset: 150_000 },
        { offset: 5, length: 0 },
        { offset: 300_000, length: 5 },
      ];
      for (const range of ranges) {
        const end = range.offset + (range.length ?? bytes.length);
        sameBytes(await readAll(context, key, range), bytes.subarray(range.offset, end));
      }
    },
  },
  {
    promise: "an opened object is read at any place",
    async run({ storage, prefix, signal }) {
      const key = `${prefix}opened`;
      const bytes = someBytes(100_000);
      await storage.write(key, content(bytes), signal);
      const source = await storage.open(key, signal);
      try {
        assert.equal(source.size, bytes.length);
        for (const [offset, length] of [
          [99_990, 50],
          [0, 512],
          [50_000, 20_000],
          [200_000, 10],
        ] as const) {
          const expected = bytes.subarray(offset, offset + length);
          assert.deepEqual(Buffer.from(await source.read(offset, length)), expected);
        }
      } finally {
        await source.close();
      }
    },
  },
  {
    promise: "a missing object is not found, before any byte",
    async run({ storage, prefix, signal }) {
      for (const key of [`${prefix}missing`, `${prefix}no/such/folder`]) {
        await rejectsWith(storage.read(key, undefined, signal), "not-found");
        await rejectsWith(storage.open(key, signal), "not-found");
        await rejectsWith(storage.stat(key, signal), "not-found");
      }
    },
  },
  {
    promise: "a listing shows what begins with the prefix and lies no deeper",
    async run(context) {
      const { storage, prefix, signal } = context;
      for (const name of ["one", "only", "two", "deep/one", "deep/er/one"]) {
        await storage.write(prefix + name, content(name), signal);
      }
      const names = async (below: string) =>
        (await listed(context, prefix + below)).map(({ key }) => key.slice(prefix.length));
      assert.deepEqual(await names(""), ["one", "only", "two"]);
      assert.deepEqual(await names("on"), ["one", "only"]);
      assert.deepEqual(await names("deep/"), ["deep/one"]);
      assert.deepEqual(await names("none/"), []);
    },
  },
  {
    promise: "many objects are all listed, each once",
    async run(context) {
      const { storage, prefix, signal, manyObjects } = context;
      const keys = Array.from({ length: manyObjects }, (_, index) => `${prefix}many/${index}`);
      for (let at = 0; at < keys.length; at += writesAtOnce) {
        const some = keys.slice(at, at + writesAtOnce);
        await Promise.all(some.map((key) => storage.write(key, content(key), signal)));
      }
      const found = await listed(context, `${prefix}many/`);
      assert.deepEqual(
        found.map(({ key }) => key),
        keys.toSorted(),
      );
    },
  },
  {
    promise: "objects that come and go do not disturb a listing",
    async run(context) {
      const { storage, prefix, signal } = context;
      const names = Array.from({ length: 20 }, (_, index) => `${prefix}object-${index}`);
      for (const key of names) await storage.write(key, content(key), signal);
      const seen = new Set<string>();
      const gone = names[10] ?? "";
      for await (const page of storage.list(prefix, signal)) {
        for (const { key } of page) {
          assert.ok(!seen.has(key), `${key} came twice`);
          seen.add(key);
        }
        await storage.remove(gone, signal);
        await storage.write(`${prefix}late`, { ...content("late"), overwrite: true }, signal);
      }
      const others = names.filter((name) => name !== gone);
      assert.ok(others.every((name) => seen.has(name)));
    },
  },
  {
    promise: "removing what is gone already succeeds",
    async run(context) {
      const { storage, prefix, signal } = context;
      const key = `${prefix}folder/object`;
      await storage.write(key, content("x"), signal);
      await storage.remove(key, signal);
      await storage.remove(key, signal);
      await storage.remove(`${prefix}never/was`, signal);
      await rejectsWith(storage.stat(key, signal), "not-found");
      assert.deepEqual(await listed(context, `${prefix}folder/`), []);
    },
  },
  {
    promise: "odd names are kept as they are",
    async run(context) {
      const { storage, prefix, signal } = context;
      const long = "ü".repeat(Math.floor(Math.min(storage.features.longestName, 240) / 2));
      const names = [...oddNames, long];
      for (const name of names) await storage.write(prefix + name, content(name), signal);
      const found = await listed(context, prefix);
      assert.deepEqual(
        found.map(({ key }) => key.slice(prefix.length)),
        names.toSorted(),
      );
      for (const name of names) {
        assert.equal((await readAll(context, prefix + name)).toString(), name);
        await storage.remove(prefix + name, signal);
      }
      assert.deepEqual(await listed(context, prefix), []);
    },
  },
  {
    promise: "free space is told",
    applies: (features) => features.freeSpace,
    async run({ storage, signal }) {
      const space = await storage.freeSpace(signal);
      assert.ok(space !== undefined && space.freeBytes >= 0);
    },
  },
  {
    promise:
      "how far an object has come on from there is told at once, of a missing one that it is not there",
    applies: ({ settles }) => settles === true,
    async run({ storage, prefix, signal }) {
      assert.ok(storage.settlement !== undefined);
      await rejectsWith(storage.settlement(`${prefix}missing`, signal), "not-found");
      await storage.write(`${prefix}comes`, content(someBytes(1000)), signal);
      const settlement = await storage.settlement(`${prefix}comes`, signal);
      assert.ok(settlement.settled || settlement.waitsFor !== "");
      assert.equal((await storage.stat(`${prefix}comes`, signal)).size, 1000);
    },
  },
];

const writesAtOnce = 20;

const oddNames = [
  "with some blanks.tar",
  " blank in front",
  "Sicherung für Übermorgen.tar",
  "$HOME and $(id)",
  "100%20%.tar",
  `'single' and "double"`,
  "semicolon;&|<>",
  "back`tick`",
  "#hash?query=1",
  "-rf",
  "~",
  "...",
  "备份 🏠.tar",
  "new\nline",
];
