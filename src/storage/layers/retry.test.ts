import { strict as assert } from "node:assert";
import { test } from "node:test";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { body, content, readAll, rejectsWith } from "../contract/objects.ts";
import { StorageError } from "../errors.ts";
import type { StorageProblem } from "../errors.ts";
import { MemoryStorage } from "../memory/provider.ts";
import type { StorageProvider } from "../provider.ts";
import { withRetry } from "./retry.ts";

const { signal } = new AbortController();

/** A place whose writes fail a number of times, after the body was read. */
function failing(
  problem: StorageProblem,
  times: number,
): { storage: StorageProvider; tries: () => number } {
  const inner = new MemoryStorage();
  let tries = 0;
  const storage: StorageProvider = {
    kind: "failing",
    features: inner.features,
    async write(key, body, watched) {
      tries += 1;
      if (tries > times) return inner.write(key, body, watched);
      await Array.fromAsync(body.open());
      throw new StorageError(problem, "not now");
    },
    openWrite: (key, options, watched) => inner.openWrite(key, options, watched),
    read: (key, range, watched) => inner.read(key, range, watched),
    open: (key, watched) => inner.open(key, watched),
    stat: (key, watched) => inner.stat(key, watched),
    list: (prefix, watched) => inner.list(prefix, watched),
    remove: (key, watched) => inner.remove(key, watched),
    freeSpace: (watched) => inner.freeSpace(watched),
    removeLeftovers: (watched) => inner.removeLeftovers(watched),
  };
  return { storage, tries: () => tries };
}

function tools(random = 0.5) {
  const pauses: number[] = [];
  const pause = async (milliseconds: number, paused: AbortSignal) => {
    paused.throwIfAborted();
    pauses.push(milliseconds);
  };
  return { pauses, pause, random: () => random };
}

keepsStorageContract("retry", async () => withRetry(new MemoryStorage(), tools()));

test("what may pass is tried again from the beginning, with longer and longer pauses", async () => {
  const { storage, tries } = failing("unreachable", 4);
  const made = tools();
  const retried = withRetry(storage, made);
  await retried.write("x", content("whole"), signal);
  assert.equal(tries(), 5);
  assert.deepEqual(made.pauses, [375, 750, 1500, 3000]);
  assert.equal((await readAll({ storage, signal }, "x")).toString(), "whole");
});

test("pauses differ by chance and are never shorter than half of the longest", async () => {
  for (const [random, first] of [
    [0, 250],
    [0.999, 499.75],
  ] as const) {
    const made = tools(random);
    await withRetry(failing("busy", 1).storage, made).write("x", content("x"), signal);
    assert.deepEqual(made.pauses, [first]);
  }
});

test("after five attempts the last failure is told", async () => {
  const { storage, tries } = failing("busy", 100);
  await rejectsWith(withRetry(storage, tools()).write("x", content("x"), signal), "busy");
  assert.equal(tries(), 5);
});

test("what will not pass by itself is not tried again", async () => {
  for (const problem of ["denied", "full", "sign-in", "damaged"] as const) {
    const { storage, tries } = failing(problem, 100);
    await rejectsWith(withRetry(storage, tools()).write("x", content("x"), signal), problem);
    assert.equal(tries(), 1);
  }
});

test("cancelling ends the pause", async () => {
  const cancel = new AbortController();
  const pause = async (_: number, paused: AbortSignal) => {
    cancel.abort();
    paused.throwIfAborted();
  };
  const { storage } = failing("busy", 100);
  const writing = withRetry(storage, { pause, random: () => 0 }).write(
    "x",
    content("x"),
    cancel.signal,
  );
  await assert.rejects(writing, { name: "AbortError" });
});

/** A place that cuts every upload after some bytes, but goes on with it; and one answer at the end is lost. */
function frail(bytesPerAttempt: number) {
  const inner = new MemoryStorage();
  let [kept, tries] = [0, 0];
  const storage: StorageProvider = {
    ...failing("busy", 0).storage,
    features: { ...inner.features, resumable: true },
    stat: (key, watched) => inner.stat(key, watched),
    read: (key, range, watched) => inner.read(key, range, watched),
    async write(key, { open, size = 0 }, watched) {
      tries += 1;
      await Array.fromAsync(open(kept));
      kept = Math.min(size, kept + bytesPerAttempt);
      if (kept === size) await inner.write(key, { open }, watched);
      throw new StorageError("unreachable", "cut");
    },
  };
  return { storage, tries: () => tries };
}

const text = "0123456789".repeat(10);
const textFrom = (from = 0) => body(text.slice(from))();

test("an upload that each attempt brings further is tried until it is there", async () => {
  const { storage, tries } = frail(10);
  const made = tools(0);
  const resume = { state: undefined, keep: async () => undefined };
  const stored = await withRetry(storage, made).write(
    "x",
    { open: textFrom, size: text.length, resume },
    signal,
  );
  assert.equal(stored.size, text.length);
  assert.equal(tries(), 11);
});

test("an upload that comes no further is given up after five attempts", async () => {
  const { storage, tries } = frail(0);
  const content = { open: textFrom, size: text.length };
  await rejectsWith(withRetry(storage, tools()).write("x", content, signal), "unreachable");
  assert.equal(tries(), 5);
});

test("only what was there before, or has other bytes, is somebody else's", async () => {
  const lost = failing("unreachable", 1);
  const storage: StorageProvider = {
    ...lost.storage,
    async write(key, content, watched) {
      if (lost.tries() > 0) return lost.storage.write(key, content, watched);
      await lost.storage.openWrite(key, {}, watched).then(async (writer) => {
        await writer.write(Buffer.from("mine"));
        await writer.commit();
      });
      return lost.storage.write(key, content, watched);
    },
  };
  const retried = withRetry(storage, tools());
  await rejectsWith(retried.write("x", content("your"), signal), "already-exists");
  await rejectsWith(retried.write("x", content("mine"), signal), "already-exists");
  const again = failing("unreachable", 0).storage;
  await again.write("x", content("mine"), signal);
  const resume = { state: "kept", keep: async () => undefined };
  const own = { ...content("mi", "ne"), size: 4, resume };
  assert.equal((await withRetry(again, tools()).write("x", own, signal)).size, 4);
});
