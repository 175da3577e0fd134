import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { memoryKeyRing } from "#test/memory-key-ring.ts";
import { addKey, type NewKey } from "./add-key.ts";
import type { KeyRing, RingKey } from "./key-ring-port.ts";
import { keysToTry } from "./keys-to-try.ts";
import { markProven } from "./mark-proven.ts";
import { proofReminder } from "./proof-reminder.ts";
import { refuseNeeded } from "./refuse-needed.ts";
import { removeKey } from "./remove-key.ts";
import { useKey } from "./use-key.ts";

const day = 24 * 60 * 60 * 1000;
const start = Date.UTC(2026, 0, 1);

function newKey(secret: string, change: Partial<NewKey> = {}): NewKey {
  return { secret, name: undefined, origin: "generated", now: start, use: false, ...change };
}

function key(id: string, madeOnDay: number): RingKey {
  const madeAt = new Date(start + madeOnDay * day).toISOString();
  return { id, name: id, origin: "generated", madeAt, provenAt: undefined };
}

function idsOf(keys: readonly RingKey[]): string[] {
  return keys.map(({ id }) => id);
}

test("the first key is used for new backups; a later one only if that is asked for", async () => {
  const store = memoryKeyRing();
  const one = await addKey(store, newKey("one"));
  const two = await addKey(store, newKey("two"));
  assert.equal((await store.read()).current, one.id);
  const three = await addKey(store, newKey("three", { use: true }));
  const ring = await store.read();
  assert.equal(ring.current, three.id);
  assert.deepEqual(ring.keys, [one, two, three]);
  assert.equal(await store.reveal(one.id), "one");
});

test("a key without a name is named after its day", async () => {
  const store = memoryKeyRing();
  assert.equal((await addKey(store, newKey("one"))).name, "Key of 2026-01-01");
  const imported = await addKey(store, newKey("two", { origin: "imported" }));
  assert.equal(imported.name, "Imported 2026-01-01");
  assert.equal((await addKey(store, newKey("three", { name: "Own" }))).name, "Own");
});

test("a password that is in the ring is not added again, and its id is told", async () => {
  const store = memoryKeyRing();
  const { id } = await addKey(store, newKey("the same"));
  const again = addKey(store, newKey("the same"));
  await assert.rejects(again, { problem: "already-exists", subject: id });
  await assert.rejects(again, (error: Error) => !error.message.includes("the same"));
  assert.equal((await store.read()).keys.length, 1);
});

test("ids are six hexadecimal digits and never those of another key", async () => {
  const store = memoryKeyRing();
  for (let at = 0; at < 50; at += 1) await addKey(store, newKey(`secret ${at}`));
  const ids = idsOf((await store.read()).keys);
  assert.equal(new Set(ids).size, 50);
  for (const id of ids) assert.match(id, /^[0-9a-f]{6}$/);
});

test("the current key is not removed while there are others", () => {
  const ring: KeyRing = { current: "b", keys: [key("a", 0), key("b", 1)] };
  assert.throws(() => removeKey(ring, "b"), { problem: "usage" });
  assert.throws(() => removeKey(ring, "c"), { problem: "not-found" });
  assert.deepEqual(removeKey(ring, "a"), { current: "b", keys: [key("b", 1)] });
  assert.deepEqual(removeKey(removeKey(ring, "a"), "b"), { current: undefined, keys: [] });
  assert.deepEqual(removeKey(useKey(ring, "a"), "b"), { current: "a", keys: [key("a", 0)] });
  assert.throws(() => useKey(ring, "c"), { problem: "not-found" });
});

test("a key that backups need is not removed, and some of them are named", () => {
  refuseNeeded(key("a", 0), [], "/here");
  const files = ["1.tar", "2.tar", "3.tar", "4.tar", "5.tar"];
  assert.throws(() => refuseNeeded(key("a", 0), files, "/here"), {
    problem: "confirmation-needed",
    message: "5 backups need key a at /here: 1.tar, 2.tar, 3.tar and 2 more",
    facts: { backups: 5 },
  });
  assert.throws(() => refuseNeeded(key("a", 0), ["1.tar"], "/here"), /1 backup needs key a/);
});

test("a proof is remembered for its key alone, and ends the reminders", () => {
  const ring: KeyRing = { current: "a", keys: [key("a", 0), key("b", 1)] };
  const [a, b] = markProven(ring, "a", start).keys;
  assert.equal(a?.provenAt, "2026-01-01T00:00:00.000Z");
  assert.deepEqual(b, key("b", 1));
  assert.equal(a && proofReminder(a), undefined);
  assert.match(proofReminder(key("b", 1)) ?? "", /keys prove b$/);
  assert.throws(() => markProven(ring, "c", start), { problem: "not-found" });
});

test("the keys of its time are tried first on an archive, then later ones", () => {
  const keys = [key("a", 0), key("b", 10), key("c", 20), key("d", 30)];
  const at = (onDay: number): string => new Date(start + onDay * day).toISOString();
  const tried = (date: string): string => idsOf(keysToTry({ current: "d", keys }, date)).join("");
  assert.equal(tried(at(40)), "dcba");
  assert.equal(tried(at(20)), "cbad");
  assert.equal(tried(at(15)), "bacd");
  assert.equal(tried(at(-5)), "abcd");
  assert.equal(tried("no date"), "dcba");
});

test("whatever the date, every key is tried once", () => {
  const days = fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 12 });
  const date = fc.oneof(
    fc.string(),
    fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
  );
  fc.assert(
    fc.property(days, date, (made, when) => {
      const keys = made.map((onDay, at) => key(String(at), onDay));
      const tried = keysToTry({ current: undefined, keys }, when);
      assert.deepEqual(idsOf(tried).sort(), idsOf(keys).sort());
    }),
    { numRuns: loops(200) },
  );
});
