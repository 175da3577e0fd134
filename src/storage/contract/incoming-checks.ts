import { strict as assert } from "node:assert";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Incoming, StorageProvider } from "../provider.ts";
import type { ContractCheck } from "./contract-check.ts";
import { content, listed, readAll, rejectsWith, sameBytes, someBytes } from "./objects.ts";

/** Promises of `incoming`. */
export const incomingChecks: readonly ContractCheck[] = [
  {
    promise: "a file that came in becomes an object, and is gone from where it came in",
    applies: (features) => features.incoming === true,
    async run(context) {
      const { storage, prefix, signal } = context;
      const { incoming, folder } = await incomingOf(storage, signal);
      const name = incoming.ownName();
      const bytes = someBytes(200_000);
      await writeFile(join(folder, name), bytes);
      assert.deepEqual(await listed(context, prefix), []);
      const stored = await incoming.adopt(name, `${prefix}folder/object`, signal);
      assert.equal(stored.size, bytes.length);
      assert.deepEqual(await storage.stat(`${prefix}folder/object`, signal), stored);
      sameBytes(await readAll(context, `${prefix}folder/object`), bytes);
      assert.equal((await readdir(folder)).includes(name), false);
    },
  },
  {
    promise: "a file that came in replaces no object, and stays",
    applies: (features) => features.incoming === true,
    async run(context) {
      const { storage, prefix, signal } = context;
      const { incoming, folder } = await incomingOf(storage, signal);
      const name = incoming.ownName();
      const key = `${prefix}kept`;
      await storage.write(key, content("old"), signal);
      await writeFile(join(folder, name), "new");
      await rejectsWith(incoming.adopt(name, key, signal), "already-exists");
      assert.equal((await readAll(context, key)).toString(), "old");
      const source = await incoming.open(name, signal);
      assert.equal(Buffer.from(await source.read(0, source.size)).toString(), "new");
      await source.close();
      await incoming.remove(name, signal);
      await incoming.remove(name, signal);
      await rejectsWith(incoming.adopt(name, `${prefix}gone`, signal), "not-found");
      assert.deepEqual((await listed(context, prefix)).length, 1);
    },
  },
  {
    promise: "what comes in has a name and no path",
    applies: (features) => features.incoming === true,
    async run({ storage, prefix, signal }) {
      const { incoming } = await incomingOf(storage, signal);
      for (const name of ["", "..", "../x", "/etc/passwd", "a/b", "a\0b"]) {
        await assert.rejects(incoming.adopt(name, `${prefix}x`, signal), RangeError);
        await assert.rejects(incoming.open(name, signal), RangeError);
        await assert.rejects(incoming.remove(name, signal), RangeError);
      }
    },
  },
];

async function incomingOf(
  { incoming }: StorageProvider,
  signal: AbortSignal,
): Promise<{ readonly incoming: Incoming; readonly folder: string }> {
  assert.ok(incoming !== undefined, "there is no incoming folder, although the features say so");
  return { incoming, folder: await incoming.folder(signal) };
}
