import { strict as assert } from "node:assert";
import { test } from "node:test";
import { StorageError } from "#storage/errors.ts";
import { MemoryStorage } from "#storage/memory/provider.ts";
import { testLocation } from "./test-location.ts";

const { signal } = new AbortController();
const folder = "safehouse-test/";

/** Everything that lies at the place, except what lay there before. */
async function leftAt(storage: MemoryStorage): Promise<readonly string[]> {
  const folders = ["", folder, `${folder}deep/`, `${folder}deep/er/`, `${folder}many/`];
  const pages = folders.map((prefix) => Array.fromAsync(storage.list(prefix, signal)));
  return (await Promise.all(pages)).flat(2).map(({ key }) => key);
}

test("a place that keeps its promises is told so, promise by promise, and nothing is left there", async () => {
  const storage = new MemoryStorage();
  const begun: string[] = [];
  const begins = (promise: string): void => void begun.push(promise);
  const results = await testLocation(storage, { folder, begins, signal });
  assert.ok(results.length > 20);
  assert.deepEqual(
    results.filter(({ kept }) => !kept),
    [],
  );
  assert.deepEqual(
    results.map(({ promise }) => promise),
    begun,
  );
  assert.deepEqual(await leftAt(storage), []);
});

test("a place that replaces what is there unasked is found out, and the rest is tried all the same", async () => {
  const storage = new MemoryStorage();
  const openWrite = storage.openWrite.bind(storage);
  storage.openWrite = (key, options, watched) =>
    openWrite(key, { ...options, overwrite: true }, watched);
  const results = await testLocation(storage, { folder, begins: () => undefined, signal });
  const broken = results.filter(({ kept }) => !kept);
  assert.ok(broken.some(({ promise }) => promise.includes("not replaced unless asked")));
  assert.ok(broken.every(({ message }) => message !== undefined && message !== ""));
  assert.ok(broken.length < results.length / 2);
  assert.deepEqual(await leftAt(storage), []);
});

test("a test that is cancelled leaves nothing", async () => {
  const storage = new MemoryStorage();
  const cancel = new AbortController();
  const reason = new Error("Cancelled");
  const write = storage.write.bind(storage);
  let written = 0;
  storage.write = async (key, content, watched) => {
    const object = await write(key, content, watched);
    written += 1;
    if (written === 7) cancel.abort(reason);
    return object;
  };
  const options = { folder, begins: () => undefined, signal: cancel.signal };
  await assert.rejects(testLocation(storage, options), reason);
  assert.ok(written >= 7);
  assert.deepEqual(await leftAt(storage), []);
});

test("a place that does not answer is no place that breaks its promises", async () => {
  const storage = new MemoryStorage();
  storage.list = () => {
    throw new StorageError("unreachable", "Gone");
  };
  const options = { folder, begins: () => assert.fail("nothing is tried"), signal };
  await assert.rejects(testLocation(storage, options), { problem: "unreachable" });
});
