import { strict as assert } from "node:assert";
import { watch } from "node:fs";
import { readdir } from "node:fs/promises";
import { describe, test, type TestContext } from "node:test";
import { bigBody } from "#test/places/big-body.ts";
import { keepsOnly } from "#test/places/keeps-only.ts";
import { lineFor } from "#test/places/line-for.ts";
import type { Line } from "#test/places/line.ts";
import { networkPlaces, type NetworkPlace } from "#test/places/network-places.ts";
import { servedFor } from "#test/places/served-for.ts";
import { findKind } from "#storage/catalog.ts";
import { rejectsWith } from "#storage/contract/objects.ts";
import type { StorageProvider } from "#storage/provider.ts";
import { stackStorage, type StackOptions } from "#storage/stack.ts";

const { signal } = new AbortController();
const size = 30_000_000;
const fileName = "backup.tar";

/** A place behind a line. */
interface Reached {
  readonly line: Line;
  /** Where the server keeps its objects. */
  readonly folder: string;
  /** Opens it, with all its layers. */
  readonly open: (options: StackOptions) => Promise<StorageProvider>;
}

async function reached(context: TestContext, place: NetworkPlace): Promise<Reached | undefined> {
  const served = await servedFor(context, place);
  if (served === undefined) return undefined;
  const line = await lineFor(context, served.port);
  const settings = await served.settings(line.port);
  const { folder } = served;
  const open = async (options: StackOptions) =>
    stackStorage(await findKind(place.kind).open(settings), options);
  return { line, folder, open };
}

/** Content that remembers in this process how its upload goes on; when so many bytes were taken something happens. */
function content(at = Infinity, happens: () => void = () => undefined) {
  let [state, has]: [string | undefined, boolean] = [undefined, false];
  const resume = {
    get state() {
      return state;
    },
    keep: async (kept: string): Promise<void> => void (state = kept),
  };
  async function* open(from = 0) {
    let taken = from;
    for await (const chunk of bigBody(size, from)) {
      taken += chunk.length;
      if (taken >= at && !has) {
        has = true;
        happens();
      }
      yield chunk;
    }
  }
  return { open, size, resume };
}

for (const place of networkPlaces) {
  describe(place.title, { concurrency: 4 }, () => {
    test("a server that takes everything and never answers is unreachable once it has stalled", async (context) => {
      const there = await reached(context, place);
      if (there === undefined) return;
      there.line.fallSilent();
      const storage = await there.open({ stallSeconds: 1, attempts: 1 });
      const stalled = { problem: "unreachable", message: "No progress for 1 seconds" };
      await Promise.all([
        assert.rejects(storage.write(fileName, content(), signal), stalled),
        assert.rejects(storage.stat(fileName, signal), stalled),
        assert.rejects(Array.fromAsync(storage.list("", signal)), stalled),
      ]);
    });

    // Rclone gives up a silent line in its own time, and may keep others waiting until then.
    if (place.kind !== "rclone")
      test("an upload and a read that stall in the middle are unreachable, and get through later", async (context) => {
        const there = await reached(context, place);
        if (there === undefined) return;
        const { line, folder } = there;
        const stalled = { problem: "unreachable", message: "No progress for 2 seconds" };
        const patience = { stallSeconds: 2, attempts: 1 };
        const upload = content(size / 2, () => line.fallSilent());
        const writing = (await there.open(patience)).write(fileName, upload, signal);
        await assert.rejects(writing, stalled);
        line.speakAgain();
        assert.deepEqual(await visible(folder), []);
        await (await there.open({})).write(fileName, upload, signal);
        await keepsOnly(folder, { fileName, size });
        await assert.rejects(readUntilSilent(await there.open(patience), line), stalled);
      });

    test("replies of which half is written are no success", async (context) => {
      const there = await reached(context, place);
      if (there === undefined) return;
      const { line, folder } = there;
      const storage = await there.open({ attempts: 1 });
      const upload = content();
      line.passesDownOfEach = 20;
      await rejectsWith(storage.write(fileName, upload, signal), "unreachable");
      await rejectsWith(storage.stat(fileName, signal), "unreachable");
      line.passesDownOfEach = Infinity;
      line.cut();
      assert.deepEqual(await visible(folder), []);
      await storage.write(fileName, upload, signal);
      await keepsOnly(folder, { fileName, size });
    });

    test("an object that is there although nobody heard so is its writer's own, and nobody else's", async (context) => {
      const there = await reached(context, place);
      if (there === undefined) return;
      const { line, folder } = there;
      const storage = await there.open({});
      // The last answers are on their way for so long that the object is seen before they are.
      const upload = content(size, () => (line.delayMs = 250));
      let isLost = false;
      const watcher = watch(folder, (_, name) => {
        if (name !== fileName || isLost) return;
        isLost = true;
        line.delayMs = 0;
        line.cut();
      });
      context.after(() => watcher.close());
      assert.equal((await storage.write(fileName, upload, signal)).size, size);
      assert.ok(isLost, "no answer was lost");
      assert.ok(line.sentBytes < size * 1.3, `${line.sentBytes} bytes were sent`);
      await keepsOnly(folder, { fileName, size });
      const other = { open: () => bigBody(size - 1), size: size - 1 };
      await rejectsWith(storage.write(fileName, other, signal), "already-exists");
    });
  });
}

async function readUntilSilent(storage: StorageProvider, line: Line): Promise<void> {
  line.speaksDown = size / 4;
  for await (const _ of await storage.read(fileName, undefined, signal));
}

async function visible(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith("."));
}
