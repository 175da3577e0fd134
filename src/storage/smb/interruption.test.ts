import { strict as assert } from "node:assert";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { lineFor } from "#test/places/line-for.ts";
import { freshFolder, mayMount, noSamba, SambaServer } from "#test/places/samba.ts";
import { content, listed, readAll, rejectsWith, someBytes } from "../contract/objects.ts";
import { SmbStorage } from "./provider.ts";
import { parseSmbSettings } from "./settings.ts";

const { signal } = new AbortController();
const options = { skip: noSamba };
const shared = noSamba ? undefined : await SambaServer.start();
after(() => shared?.end());

function running(): SambaServer {
  if (shared === undefined) throw new Error("No server");
  return shared;
}

function storageAt(server: SambaServer, port: number, path: string): SmbStorage {
  return new SmbStorage(parseSmbSettings({ ...server.settings, port, path }));
}

const chunk = someBytes(262_144);

/** A body of so many chunks of 256 KiB that knows where to begin. */
function chunks(count: number) {
  return async function* open(from = 0) {
    for (let at = from; at < count * chunk.length;) {
      const begin = at % chunk.length;
      yield chunk.subarray(begin);
      at += chunk.length - begin;
    }
  };
}

/** What is left of a folder in the end; the server may need a moment to notice that a connection is gone. */
async function remainsOf(folder: string): Promise<readonly string[]> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if ((await readdir(folder)).length === 0) return [];
    await pause(50);
  }
  return readdir(folder);
}

test(
  "a connection that is cut in the middle is unreachable, and the server leaves nothing",
  options,
  async (context) => {
    const path = freshFolder(running());
    const line = await lineFor(context, running().port);
    const storage = storageAt(running(), line.port, path);
    line.passesUp = 8_000_000;
    await rejectsWith(storage.write("x.tar", { open: chunks(100) }, signal), "unreachable");
    assert.deepEqual(await remainsOf(join(running().data, path)), []);
    await storage.write("x.tar", { open: chunks(1) }, signal);
    const reader = await storage.open("x.tar", signal);
    line.cut();
    await rejectsWith(reader.read(0, 10), "unreachable");
    assert.equal((await readAll({ storage, signal }, "x.tar")).length, chunk.length);
  },
);

test("a read that is cut in the middle is unreachable", options, async (context) => {
  const path = freshFolder(running());
  const line = await lineFor(context, running().port);
  const storage = storageAt(running(), line.port, path);
  await storage.write("x.tar", { open: chunks(80) }, signal);
  const reading = async () => {
    for await (const _ of await storage.read("x.tar", undefined, signal)) line.cut();
  };
  await rejectsWith(reading(), "unreachable");
});

test("a cut upload goes on from what the server had on its disk", options, async (context) => {
  const path = freshFolder(running());
  const line = await lineFor(context, running().port);
  const storage = storageAt(running(), line.port, path);
  const count = 600;
  const size = count * chunk.length;
  let state: string | undefined;
  const keep = async (kept: string): Promise<void> => void (state = kept);
  line.passesUp = 120_000_000;
  const begins: number[] = [];
  const open = (from = 0) => {
    begins.push(from);
    return chunks(count)(from);
  };
  await rejectsWith(
    storage.write("x.tar", { open, size, resume: { state, keep } }, signal),
    "unreachable",
  );
  assert.deepEqual(await listed({ storage, signal }, ""), []);
  assert.deepEqual(await storage.removeLeftovers(signal), []);
  assert.match(state ?? "", /safeBytes/u);
  await storage.write("x.tar", { open, size, resume: { state, keep } }, signal);
  assert.ok((begins[1] ?? 0) >= 60_000_000, `it began again at ${begins[1]}`);
  const found = await readAll({ storage, signal }, "x.tar");
  assert.equal(found.length, size);
  for (let at = 0; at < size; at += chunk.length)
    assert.ok(found.subarray(at, at + chunk.length).equals(chunk), `other bytes at ${at}`);
  assert.deepEqual(await readdir(join(running().data, path)), ["x.tar"]);
});

test(
  "an upload that is cancelled with something to go on with leaves that, and nothing to be seen",
  options,
  async () => {
    const path = freshFolder(running());
    const storage = storageAt(running(), running().port, path);
    const cancel = new AbortController();
    let state: string | undefined;
    const keep = async (kept: string): Promise<void> => void (state = kept);
    const open = async function* (from = 0) {
      yield* chunks(30)(from);
      cancel.abort();
      await new Promise(() => undefined);
    };
    const size = 40 * chunk.length;
    const writing = storage.write("x.tar", { open, size, resume: { state, keep } }, cancel.signal);
    await assert.rejects(writing, { name: "AbortError" });
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    let begin = 0;
    await storage.write(
      "x.tar",
      {
        open: (from = 0) => {
          begin = from;
          return chunks(40)(from);
        },
        size,
        resume: { state, keep },
      },
      signal,
    );
    assert.ok(begin > 0, "it began anew");
    assert.equal((await storage.stat("x.tar", signal)).size, size);
  },
);

test("two that go on with one upload do not disturb each other", options, async () => {
  const path = freshFolder(running());
  const one = storageAt(running(), running().port, path);
  const other = storageAt(running(), running().port, path);
  let state: string | undefined;
  const keep = async (kept: string): Promise<void> => void (state = kept);
  const size = 40 * chunk.length;
  const torn = async function* () {
    yield* chunks(20)();
    throw new Error("torn");
  };
  const resume = () => ({ state, keep });
  await assert.rejects(one.write("x.tar", { open: torn, size, resume: resume() }, signal), /torn/u);
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const slow = async function* (from = 0) {
    begun.resolve();
    await goOn.promise;
    yield* chunks(40)(from);
  };
  const writing = one.write("x.tar", { open: slow, size, resume: resume() }, signal);
  await begun.promise;
  await rejectsWith(
    other.write("x.tar", { open: chunks(40), size, resume: resume() }, signal),
    "busy",
  );
  goOn.resolve();
  await writing;
  assert.equal((await other.stat("x.tar", signal)).size, size);
});

test(
  "a server that is killed is unreachable, and found again when it is back",
  options,
  async (context) => {
    const server = await SambaServer.start();
    context.after(() => server.end());
    const path = freshFolder(server);
    const storage = storageAt(server, server.port, path);
    await storage.write("before.tar", content("x"), signal);
    const writer = await storage.openWrite("x.tar", {}, signal);
    await writer.write(someBytes(3_000_000));
    await server.stop();
    await rejectsWith(writer.commit(), "unreachable");
    await writer.abort();
    await rejectsWith(storage.stat("before.tar", signal), "unreachable");
    await server.begin();
    assert.equal((await storage.stat("before.tar", signal)).size, 1);
    // Killed like that, Samba could not remove it; nobody has it open any more.
    assert.equal((await storage.removeLeftovers(signal)).length, 1);
    assert.deepEqual(await readdir(join(server.data, path)), ["before.tar"]);
  },
);

test(
  "cancelling ends within seconds though the server has fallen silent",
  options,
  async (context) => {
    const path = freshFolder(running());
    const line = await lineFor(context, running().port);
    const storage = storageAt(running(), line.port, path);
    await storage.write("x.tar", content("x"), signal);
    line.fallSilent();
    for (const work of [
      (limit: AbortSignal) => storage.stat("x.tar", limit),
      (limit: AbortSignal) => storage.write("y.tar", content("y"), limit),
      (limit: AbortSignal) => Array.fromAsync(storage.list("", limit)),
    ]) {
      await assert.rejects(work(AbortSignal.timeout(100)), { name: "TimeoutError" });
    }
  },
);

test(
  "cancelling a large upload to a silent server gives up in the end, and a later one gets through",
  options,
  async (context) => {
    const path = freshFolder(running());
    const line = await lineFor(context, running().port);
    const storage = storageAt(running(), line.port, path);
    const writer = await storage.openWrite("x.tar", {}, AbortSignal.timeout(1500));
    line.fallSilent();
    const writing = async () => {
      for await (const bytes of chunks(200)()) await writer.write(bytes);
      await writer.commit();
    };
    await assert.rejects(writing(), { name: "TimeoutError" });
    await writer.abort();
    line.cut();
    assert.deepEqual(await remainsOf(join(running().data, path)), []);
  },
);

test(
  "a disk that fills up is told as full, with what is left, and nothing remains",
  { skip: noSamba || (mayMount ? false : "absent: mounts of our own (unshare -m)") },
  async (context) => {
    const server = await SambaServer.start({ megabytes: 12 });
    context.after(() => server.end());
    const storage = new SmbStorage(parseSmbSettings(server.settings));
    const writing = storage.write("x.tar", { open: chunks(80) }, signal);
    await assert.rejects(writing, (error: Error & { problem?: string; facts?: object }) => {
      assert.equal(error.problem, "full", error.message);
      assert.match(JSON.stringify(error.facts), /"freeBytes":\d+/u);
      return true;
    });
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    const space = await storage.freeSpace(signal);
    assert.ok((space?.freeBytes ?? 0) > 11_000_000);
    await storage.write("small.tar", { open: chunks(4) }, signal);
  },
);
