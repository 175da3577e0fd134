import { strict as assert } from "node:assert";
import { test } from "node:test";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { content, listed, rejectsWith, someBytes } from "../contract/objects.ts";
import { MemoryStorage } from "../memory/provider.ts";
import type { StorageProvider } from "../provider.ts";
import type { StartTimer } from "./stall-watch.ts";
import { withStallTimeout } from "./stall-timeout.ts";

const { signal } = new AbortController();

/** Timers that fire when the test says so. */
function manualTimers() {
  const running = new Set<() => void>();
  const startTimer: StartTimer = (_milliseconds, callback) => {
    running.add(callback);
    return () => void running.delete(callback);
  };
  const fire = () => {
    for (const callback of running) callback();
  };
  return { tools: { limitInMs: 60_000, startTimer }, running, fire };
}

const never = () => new Promise<never>(() => undefined);

/** A place that does not answer, and does not heed its signal either. */
function deaf(inner: StorageProvider): StorageProvider {
  return {
    kind: "deaf",
    features: inner.features,
    write: async (_key, body) => {
      for await (const chunk of body.open()) if (chunk.length > 5) return never();
      return never();
    },
    openWrite: async (key, options, watched) => {
      const writer = await inner.openWrite(key, options, watched);
      return Object.assign(Object.create(writer) as typeof writer, { write: never, abort: never });
    },
    read: async () => ({ [Symbol.asyncIterator]: () => ({ next: never, return: never }) }),
    open: never,
    stat: never,
    list: () => ({ [Symbol.asyncIterator]: () => ({ next: never, return: never }) }),
    remove: never,
    freeSpace: never,
    removeLeftovers: never,
  };
}

/** Rejects the work by letting time pass, once it waits for the place. */
async function stalls(work: Promise<unknown>, fire: () => void): Promise<void> {
  const outcome = rejectsWith(work, "unreachable");
  await new Promise((resolve) => setImmediate(resolve));
  fire();
  await outcome;
}

keepsStorageContract("stall timeout", async () =>
  withStallTimeout(new MemoryStorage(), manualTimers().tools),
);

test("no call waits for ever for a place that went silent", async () => {
  const { tools, fire, running } = manualTimers();
  const storage = withStallTimeout(deaf(new MemoryStorage()), tools);
  await stalls(storage.stat("x", signal), fire);
  await stalls(storage.open("x", signal), fire);
  await stalls(storage.remove("x", signal), fire);
  await stalls(storage.freeSpace(signal), fire);
  await stalls(storage.write("x", content("short"), signal), fire);
  await stalls(storage.write("x", content("longer body"), signal), fire);
  await stalls(listed({ storage, signal }, ""), fire);
  await stalls(Array.fromAsync(await storage.read("x", undefined, signal)), fire);
  const writer = await storage.openWrite("x", {}, signal);
  await stalls(writer.write(someBytes(10)), fire);
  await stalls(writer.abort(), fire);
  assert.equal(running.size, 0);
});

test("waiting for our own side is no stall", async () => {
  const { tools, running } = manualTimers();
  const storage = withStallTimeout(new MemoryStorage(), tools);
  async function* slow() {
    for (let chunk = 0; chunk < 3; chunk += 1) {
      assert.equal(running.size, 0);
      yield someBytes(10);
    }
  }
  await storage.write("x", { open: slow }, signal);
  for await (const chunk of await storage.read("x", undefined, signal)) {
    assert.ok(chunk.length > 0);
    assert.equal(running.size, 0);
  }
  assert.equal(running.size, 0);
});

test("an unfinished object can be given up after its caller has cancelled", async () => {
  const inner = new MemoryStorage();
  const cancel = new AbortController();
  const storage = withStallTimeout(inner, manualTimers().tools);
  const writer = await storage.openWrite("x", {}, cancel.signal);
  await writer.write(someBytes(10));
  cancel.abort();
  await writer.abort();
  assert.deepEqual(await listed({ storage: inner, signal }, ""), []);
});

test("bytes that leave begin the time anew, until the next chunk is asked for and after", async () => {
  const { tools, running } = manualTimers();
  const inner = new MemoryStorage();
  let told = 0;
  const storage = withStallTimeout(
    {
      ...deaf(inner),
      async write(key, body, watched) {
        for await (const chunk of body.open()) {
          const [before] = running;
          body.sent?.(chunk.length);
          assert.equal(running.size, 1);
          assert.notEqual([...running][0], before);
        }
        return inner.write(key, body, watched);
      },
    },
    tools,
  );
  const sent = (bytes: number): void => void (told += bytes);
  await storage.write("a.tar", { ...content("12345"), sent }, signal);
  assert.equal(told, 5);
  assert.equal(running.size, 0);
});
