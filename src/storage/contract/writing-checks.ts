import { strict as assert } from "node:assert";
import type { ContractCheck } from "./contract-check.ts";
import { body, content, listed, readAll, rejectsWith, sameBytes, someBytes } from "./objects.ts";

/** Promises of `write`. */
export const writingChecks: readonly ContractCheck[] = [
  {
    promise: "what was written is read back byte for byte, and listed",
    async run(context) {
      const { storage, prefix, signal } = context;
      const bytes = someBytes(300_000);
      const parts = [bytes.subarray(0, 1), bytes.subarray(1, 70_000), bytes.subarray(70_000)];
      const key = `${prefix}object`;
      const stored = await storage.write(key, { ...content(...parts), size: bytes.length }, signal);
      assert.equal(stored.size, bytes.length);
      sameBytes(await readAll(context, key), bytes);
      assert.deepEqual(await storage.stat(key, signal), stored);
      assert.deepEqual(await listed(context, prefix), [stored]);
    },
  },
  {
    promise: "an empty object is an object",
    async run(context) {
      const { storage, prefix, signal } = context;
      await storage.write(`${prefix}empty`, content(), signal);
      assert.equal((await storage.stat(`${prefix}empty`, signal)).size, 0);
      assert.equal((await readAll(context, `${prefix}empty`)).length, 0);
    },
  },
  {
    promise: "an object that is there is not replaced unless asked",
    async run(context) {
      const { storage, prefix, signal } = context;
      const key = `${prefix}kept`;
      await storage.write(key, content("old"), signal);
      await rejectsWith(storage.write(key, content("new"), signal), "already-exists");
      await rejectsWith(storage.openWrite(key, {}, signal), "already-exists");
      assert.equal((await readAll(context, key)).toString(), "old");
    },
  },
  {
    promise: "an object that is to be replaced is replaced whole, and its version changes",
    async run(context) {
      const { storage, prefix, signal } = context;
      const key = `${prefix}replaced`;
      const old = await storage.write(key, content("a longer old text"), signal);
      const stored = await storage.write(key, { ...content("new"), overwrite: true }, signal);
      assert.notEqual(stored.version, old.version);
      assert.equal((await readAll(context, key)).toString(), "new");
      assert.equal((await listed(context, prefix)).length, 1);
    },
  },
  {
    promise: "a body that fails half-way leaves nothing behind",
    async run(context) {
      const { storage, prefix, signal } = context;
      const torn = new Error("torn");
      async function* failing() {
        yield someBytes(100_000);
        throw torn;
      }
      await assert.rejects(storage.write(`${prefix}torn`, { open: failing }, signal), torn);
      assert.deepEqual(await listed(context, prefix), []);
    },
  },
  {
    promise: "a body that fails half-way leaves the old object as it was",
    async run(context) {
      const { storage, prefix, signal } = context;
      const key = `${prefix}old`;
      await storage.write(key, content("old"), signal);
      async function* failing() {
        yield someBytes(100_000);
        throw new Error("torn");
      }
      const writing = storage.write(key, { open: failing, overwrite: true }, signal);
      await assert.rejects(writing, /torn/);
      assert.equal((await readAll(context, key)).toString(), "old");
    },
  },
  {
    promise: "a body of another length than announced leaves nothing behind",
    async run(context) {
      const { storage, prefix, signal } = context;
      const short = { open: body("12345"), size: 6 };
      await rejectsWith(storage.write(`${prefix}short`, short, signal), "damaged");
      assert.deepEqual(await listed(context, prefix), []);
    },
  },
  {
    promise: "cancelling in the middle of a body leaves nothing behind",
    async run(context) {
      const { storage, prefix, signal } = context;
      const cancel = new AbortController();
      async function* endless() {
        yield someBytes(100_000);
        cancel.abort();
        await new Promise(() => undefined);
      }
      const either = AbortSignal.any([signal, cancel.signal]);
      const writing = storage.write(`${prefix}cancelled`, { open: endless }, either);
      await assert.rejects(writing, { name: "AbortError" });
      assert.deepEqual(await listed(context, prefix), []);
    },
  },
  {
    promise: "a signal that is aborted already stops every call",
    async run({ storage, prefix }) {
      const aborted = AbortSignal.abort();
      const key = `${prefix}never`;
      const expected = { name: "AbortError" };
      await assert.rejects(storage.write(key, content("x"), aborted), expected);
      await assert.rejects(storage.openWrite(key, {}, aborted), expected);
      await assert.rejects(storage.read(key, undefined, aborted), expected);
      await assert.rejects(storage.open(key, aborted), expected);
      await assert.rejects(storage.stat(key, aborted), expected);
      await assert.rejects(storage.remove(key, aborted), expected);
    },
  },
  {
    promise: "keys that could lead elsewhere are refused",
    async run({ storage, signal }) {
      const keys = ["", "/etc/x", "../x", "a/../../x", "a//b", "a/", "./a", "a\0b", "\ud800"];
      for (const key of keys) {
        await assert.rejects(storage.write(key, content("x"), signal), RangeError, key);
        await assert.rejects(storage.stat(key, signal), RangeError, key);
        await assert.rejects(storage.remove(key, signal), RangeError, key);
      }
    },
  },
  {
    promise: "of two writers of one new key only one succeeds",
    applies: (features) => features.exclusiveCreate,
    async run(context) {
      const { storage, prefix, signal } = context;
      const key = `${prefix}contested`;
      await using first = await storage.openWrite(key, {}, signal);
      await using second = await storage.openWrite(key, {}, signal);
      await first.write(Buffer.from("first"));
      await second.write(Buffer.from("second"));
      await first.commit();
      await rejectsWith(second.commit(), "already-exists");
      assert.equal((await readAll(context, key)).toString(), "first");
    },
  },
];
