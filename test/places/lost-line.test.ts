import { strict as assert } from "node:assert";
import { watch } from "node:fs";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { bigBody } from "#test/places/big-body.ts";
import { keepsOnly } from "#test/places/keeps-only.ts";
import { lineFor } from "#test/places/line-for.ts";
import { networkPlaces } from "#test/places/network-places.ts";
import { servedFor } from "#test/places/served-for.ts";
import { findKind } from "#storage/catalog.ts";
import { rejectsWith } from "#storage/contract/objects.ts";
import { stackStorage } from "#storage/stack.ts";

const { signal } = new AbortController();
const size = 30_000_000;
const fileName = "backup.tar";

/** Content that remembers in this process how its upload goes on. */
function resumable() {
  let state: string | undefined;
  const resume = {
    get state() {
      return state;
    },
    keep: async (kept: string): Promise<void> => void (state = kept),
  };
  return { open: (from?: number) => bigBody(size, from), size, resume };
}

for (const place of networkPlaces) {
  const { title } = place;

  test(`${title}: a server that takes everything and never answers is unreachable once it has stalled`, async (context) => {
    const served = await servedFor(context, place);
    if (served === undefined) return;
    const line = await lineFor(context, served.port);
    line.fallSilent();
    const provider = await findKind(place.kind).open(await served.settings(line.port));
    const storage = stackStorage(provider, { stallSeconds: 1, attempts: 1 });
    const stalled = { problem: "unreachable", message: "No progress for 1 seconds" };
    await assert.rejects(storage.write(fileName, resumable(), signal), stalled);
    await assert.rejects(storage.stat(fileName, signal), stalled);
    await assert.rejects(Array.fromAsync(storage.list("", signal)), stalled);
  });

  test(`${title}: an upload and a read that stall in the middle are unreachable, and get through later`, async (context) => {
    const served = await servedFor(context, place);
    if (served === undefined) return;
    const line = await lineFor(context, served.port);
    const settings = await served.settings(line.port);
    const open = async () =>
      stackStorage(await findKind(place.kind).open(settings), { stallSeconds: 2, attempts: 1 });
    const [storage, content] = [await open(), resumable()];
    const body = (from = 0) => silentAfter(content.open(from), () => line.fallSilent());
    const stalled = { problem: "unreachable", message: "No progress for 2 seconds" };
    await assert.rejects(storage.write(fileName, { ...content, open: body }, signal), stalled);
    line.speakAgain();
    assert.deepEqual(await visible(served.folder), []);
    await (await open()).write(fileName, content, signal);
    await keepsOnly(served.folder, { fileName, size });
    const reader = await open();
    const reading = Array.fromAsync(
      silentAfter(await reader.read(fileName, undefined, signal), () => line.fallSilent()),
    );
    await assert.rejects(reading, stalled);
  });

  test(`${title}: replies of which half is written are no success`, async (context) => {
    const served = await servedFor(context, place);
    if (served === undefined) return;
    const line = await lineFor(context, served.port);
    const provider = await findKind(place.kind).open(await served.settings(line.port));
    const storage = stackStorage(provider, { stallSeconds: 5, attempts: 1 });
    const content = resumable();
    // Each connection gets a bit further than the one before it, and none of them far enough.
    const halves = setInterval(() => (line.passesDown = Math.min(line.passesDown, 20)), 1);
    context.after(() => clearInterval(halves));
    await rejectsWith(storage.write(fileName, content, signal), "unreachable");
    await rejectsWith(storage.stat(fileName, signal), "unreachable");
    clearInterval(halves);
    line.passesDown = Infinity;
    line.cut();
    assert.deepEqual(await visible(served.folder), []);
    await storage.write(fileName, content, signal);
    await keepsOnly(served.folder, { fileName, size });
  });

  test(`${title}: an object that is there although nobody heard so is its writer's own, and nobody else's`, async (context) => {
    const served = await servedFor(context, place);
    if (served === undefined) return;
    const line = await lineFor(context, served.port);
    const provider = await findKind(place.kind).open(await served.settings(line.port));
    const storage = stackStorage(provider, {});
    // Answers are on their way for so long that the object is seen before the answer is.
    line.delayMs = 200;
    const cuts = line.cuts;
    const watcher = watch(served.folder, (_, name) => {
      if (name !== fileName || line.cuts > cuts) return;
      line.delayMs = 0;
      line.cut();
    });
    context.after(() => watcher.close());
    const content = resumable();
    assert.equal((await storage.write(fileName, content, signal)).size, size);
    assert.equal(line.cuts, cuts + 1, "the answer was lost");
    assert.ok(line.sentBytes < size * 1.3, `${line.sentBytes} bytes were sent`);
    await keepsOnly(served.folder, { fileName, size });
    const other = { open: () => bigBody(size - 1), size: size - 1 };
    await rejectsWith(storage.write(fileName, other, signal), "already-exists");
  });
}

/** The same chunks; in the middle of them something happens. */
async function* silentAfter(
  chunks: AsyncIterable<Uint8Array>,
  fallSilent: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    yield chunk;
    if (bytes > size / 2) fallSilent();
  }
}

async function visible(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith("."));
}
