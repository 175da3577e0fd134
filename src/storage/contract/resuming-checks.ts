import { strict as assert } from "node:assert";
import type { ContractCheck } from "./contract-check.ts";
import { body, listed, readAll, rejectsWith, sameBytes, someBytes } from "./objects.ts";

/** Big enough to be sent in several parts, whatever a part is. */
const size = 24_000_000;

/** Promises about `resume` and `matches`. */
export const resumingChecks: readonly ContractCheck[] = [
  {
    promise: "an upload that was cut goes on from what the place has confirmed",
    applies: (features) => features.resumable === true,
    async run(context) {
      const { storage, prefix, signal } = context;
      const key = `${prefix}cut`;
      const bytes = someBytes(size);
      let state: string | undefined;
      const keep = async (kept: string): Promise<void> => void (state = kept);
      const begins: number[] = [];
      const upTo = (end: number) =>
        async function* open(from = 0) {
          begins.push(from);
          for (let at = from; at < end; at += 65_536)
            yield bytes.subarray(at, Math.min(end, at + 65_536));
          if (end < size) throw new Error("torn");
        };
      const writing = storage.write(
        key,
        { open: upTo(size - 1_000_000), size, resume: { state, keep } },
        signal,
      );
      await assert.rejects(writing, /torn/);
      assert.deepEqual(await listed(context, prefix), []);
      await rejectsWith(storage.stat(key, signal), "not-found");
      assert.notEqual(state, undefined, "it was told how to go on");
      await storage.write(key, { open: upTo(size), size, resume: { state, keep } }, signal);
      const last = begins.at(-1) ?? 0;
      assert.ok(last > 0 && last <= size - 1_000_000, `it began again at ${last}`);
      sameBytes(await readAll(context, key), bytes);
      assert.equal((await listed(context, prefix)).length, 1);
    },
  },
  {
    promise: "an upload whose rest is gone at the place begins anew",
    applies: (features) => features.resumable === true,
    async run(context) {
      const { storage, prefix, signal } = context;
      const key = `${prefix}gone`;
      const bytes = someBytes(300_000);
      for (const state of ["", "{}", "not of this version", '{"id":"gone","offset":200000}']) {
        const resume = { state, keep: async () => undefined };
        await storage.write(
          key,
          {
            open: (from = 0) => body(bytes.subarray(from))(),
            size: bytes.length,
            overwrite: true,
            resume,
          },
          signal,
        );
        sameBytes(await readAll(context, key), bytes);
      }
    },
  },
  {
    promise: "an upload that nobody goes on with is given up, and may be begun anew",
    applies: (features) => features.resumable === true,
    async run(context) {
      const { storage, prefix, signal } = context;
      const key = `${prefix}given-up`;
      const bytes = someBytes(size);
      let state: string | undefined;
      const keep = async (kept: string): Promise<void> => void (state = kept);
      async function* torn() {
        for (let at = 0; at < size - 1_000_000; at += 65_536) yield bytes.subarray(at, at + 65_536);
        throw new Error("torn");
      }
      const writing = storage.write(key, { open: torn, size, resume: { state, keep } }, signal);
      await assert.rejects(writing, /torn/);
      await storage.discard?.(key, state ?? "", signal);
      await storage.discard?.(key, state ?? "", signal);
      await storage.discard?.(key, "not of this version", signal);
      assert.deepEqual(await listed(context, prefix), []);
      const open = (from = 0) => body(bytes.subarray(from))();
      await storage.write(key, { open, size, resume: { state, keep } }, signal);
      sameBytes(await readAll(context, key), bytes);
    },
  },
  {
    promise: "the place tells apart what it has from other bytes, without being read",
    applies: (features) => features.matches === true,
    async run(context) {
      const { storage, prefix, signal } = context;
      const key = `${prefix}compared`;
      const bytes = someBytes(size);
      const open = (from = 0) => body(bytes.subarray(from))();
      await storage.write(key, { open, size }, signal);
      assert.equal(await storage.matches?.(key, open, signal), true);
      const other = Buffer.from(bytes);
      other[size - 1] = (other[size - 1] ?? 0) ^ 1;
      assert.equal(await storage.matches?.(key, body(other), signal), false);
      const missing = storage.matches?.(`${prefix}missing`, open, signal);
      await rejectsWith(Promise.resolve(missing), "not-found");
    },
  },
];
