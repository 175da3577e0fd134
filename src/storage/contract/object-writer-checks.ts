import { strict as assert } from "node:assert";
import type { ContractCheck } from "./contract-check.ts";
import { listed, readAll, rejectsWith, sameBytes, someBytes } from "./objects.ts";

/** Promises of `openWrite` and its `ObjectWriter`. */
export const objectWriterChecks: readonly ContractCheck[] = [
  {
    promise: "an object is seen when it is committed, whole, and not before",
    async run(context) {
      const { storage, prefix, signal } = context;
      const key = `${prefix}growing`;
      const bytes = someBytes(3_000_000);
      await using writer = await storage.openWrite(key, {}, signal);
      for (const [from, to] of [
        [0, 10],
        [10, 2_000_000],
        [2_000_000, 2_000_000],
        [2_000_000, 3_000_000],
      ]) {
        // The same memory each time: a writer must not hold on to what it was given.
        const lent = Buffer.from(bytes.subarray(from, to));
        await writer.write(lent);
        lent.fill(0xff);
        assert.deepEqual(await listed(context, prefix), []);
        await rejectsWith(storage.stat(key, signal), "not-found");
      }
      const stored = await writer.commit();
      assert.deepEqual(await listed(context, prefix), [stored]);
      sameBytes(await readAll(context, key), bytes);
    },
  },
  {
    promise: "an object that is given up leaves nothing behind, however often",
    async run(context) {
      const { storage, prefix, signal } = context;
      const writer = await storage.openWrite(`${prefix}given-up`, {}, signal);
      await writer.write(someBytes(2_000_000));
      await writer.abort();
      await writer.abort();
      await assert.rejects(writer.write(Buffer.from("more")));
      await assert.rejects(writer.commit());
      assert.deepEqual(await listed(context, prefix), []);
    },
  },
  {
    promise: "giving up what was committed changes nothing",
    async run(context) {
      const { storage, prefix, signal } = context;
      const writer = await storage.openWrite(`${prefix}done`, {}, signal);
      await writer.write(Buffer.from("done"));
      await writer.commit();
      await writer.abort();
      await assert.rejects(writer.commit());
      assert.equal((await readAll(context, `${prefix}done`)).toString(), "done");
    },
  },
  {
    promise: "cancelling an unfinished object leaves nothing behind",
    async run(context) {
      const { storage, prefix, signal } = context;
      const cancel = new AbortController();
      const either = AbortSignal.any([signal, cancel.signal]);
      const writer = await storage.openWrite(`${prefix}cancelled`, {}, either);
      await writer.write(someBytes(100));
      cancel.abort();
      await assert.rejects(writer.write(someBytes(100)), { name: "AbortError" });
      await assert.rejects(writer.commit(), { name: "AbortError" });
      await writer.abort();
      assert.deepEqual(await listed(context, prefix), []);
    },
  },
  {
    promise: "any byte that was written can be rewritten before the commit",
    applies: (features) => features.patch === "seek",
    async run(context) {
      const { storage, prefix, signal } = context;
      const expected = someBytes(2_500_000);
      await using writer = await storage.openWrite(`${prefix}patched`, {}, signal);
      await writer.write(expected.subarray(0, 2_400_000));
      await writer.write(expected.subarray(2_400_000));
      for (const offset of [0, 1_048_570, 2_499_990]) {
        const patch = Buffer.from("0123456789");
        expected.set(patch, offset);
        await writer.patchAt(offset, patch);
      }
      await assert.rejects(writer.patchAt(2_499_999, Buffer.from("xx")), RangeError);
      await writer.write(Buffer.from("end"));
      await writer.commit();
      const found = await readAll(context, `${prefix}patched`);
      assert.deepEqual(found, Buffer.concat([expected, Buffer.from("end")]));
    },
  },
  {
    promise: "bytes that are held can be rewritten, earlier ones cannot",
    applies: (features) => features.patch === "parts",
    async run(context) {
      const { storage, prefix, signal } = context;
      await using writer = await storage.openWrite(`${prefix}held`, {}, signal);
      await writer.write(Buffer.from("abcdefgh"));
      writer.holdFrom(4);
      await writer.patchAt(4, Buffer.from("EF"));
      await assert.rejects(writer.patchAt(3, Buffer.from("D")), RangeError);
      await writer.commit();
      assert.equal((await readAll(context, `${prefix}held`)).toString(), "abcdEFgh");
    },
  },
  {
    promise: "rewriting is refused rather than done wrong",
    applies: (features) => features.patch === "none",
    async run({ storage, prefix, signal }) {
      await using writer = await storage.openWrite(`${prefix}fixed`, {}, signal);
      await writer.write(Buffer.from("abc"));
      await rejectsWith(writer.patchAt(0, Buffer.from("A")), "unsupported");
    },
  },
  {
    promise: "an object that is being written is no leftover",
    async run(context) {
      const { storage, prefix, signal } = context;
      await using writer = await storage.openWrite(`${prefix}living`, {}, signal);
      await writer.write(Buffer.from("living"));
      await storage.removeLeftovers(signal);
      await writer.commit();
      assert.equal((await readAll(context, `${prefix}living`)).toString(), "living");
    },
  },
];
