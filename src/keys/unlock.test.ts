import { strict as assert } from "node:assert";
import { test } from "node:test";
import { SafehouseError } from "#core/model/problem.ts";
import { memoryKeyRing } from "#test/memory-key-ring.ts";
import { addKey } from "./add-key.ts";
import { backupKeys } from "./backup-keys.ts";
import { OpenRing, type Lock } from "./open-ring.ts";
import { unlock, type PasswordSources } from "./unlock.ts";

/** An archive that one password opens, and what was tried on it. */
function lockFor(password: string): { readonly lock: Lock; readonly tries: () => number } {
  const right = Buffer.from(backupKeys(password).aesKey());
  let tries = 0;
  const refusal: Lock["refusal"] = async (keys) => {
    tries += 1;
    if (right.equals(keys.aesKey())) return undefined;
    return new SafehouseError("wrong-password", "The password does not open this archive");
  };
  return { lock: { date: "2026-05-01T00:00:00Z", refusal }, tries: () => tries };
}

async function ringOf(...secrets: readonly string[]): Promise<OpenRing> {
  const store = memoryKeyRing();
  for (const secret of secrets)
    await addKey(store, {
      secret,
      name: secret.length.toString(),
      origin: "generated",
      now: 0,
      use: true,
    });
  return new OpenRing(store);
}

function sources(ring: OpenRing, given?: string, asked?: string) {
  const events: string[] = [];
  const from: PasswordSources = {
    given: async () => given,
    ring,
    matched: ({ name }) => void events.push(`matched ${name}`),
    ask: async () => {
      events.push("asked");
      return asked;
    },
  };
  return { from, events };
}

test("a key of the ring opens an archive without a question, and is named", async () => {
  const { lock } = lockFor("old");
  const { from, events } = sources(await ringOf("old", "newer"), undefined, "never used");
  const keys = await unlock(lock, from);
  assert.deepEqual(keys?.aesKey(), backupKeys("old").aesKey());
  assert.deepEqual(events, ["matched 3"]);
});

test("a person is asked only after every key of the ring was tried", async () => {
  const { lock, tries } = lockFor("theirs");
  const { from, events } = sources(await ringOf("one", "second"), undefined, "theirs");
  const keys = await unlock(lock, from);
  assert.deepEqual(keys?.aesKey(), backupKeys("theirs").aesKey());
  assert.deepEqual(events, ["asked"]);
  assert.equal(tries(), 3);
});

test("a password that was given is never answered for by the ring", async () => {
  const { lock } = lockFor("right one");
  const { from, events } = sources(await ringOf("right one"), "wrong one");
  await assert.rejects(unlock(lock, from), (error: SafehouseError) => {
    assert.equal(error.problem, "wrong-password");
    assert.match(
      error.message,
      /does not open this archive; key [0-9a-f]{6} "9" of the key ring opens it/,
    );
    assert.doesNotMatch(
      JSON.stringify([error.message, error.advice, error.facts]),
      /(right|wrong) one/,
    );
    return true;
  });
  assert.deepEqual(events, []);
});

test("a password that was given and fits is taken without a look at the ring", async () => {
  const { lock, tries } = lockFor("given");
  const unreadable = new OpenRing({ ...memoryKeyRing(), read: () => Promise.reject(damaged()) });
  assert.notEqual(await unlock(lock, sources(unreadable, "given").from), undefined);
  assert.equal(tries(), 1);
});

test("a wrong password says that no key of the ring fits either", async () => {
  const { lock } = lockFor("lost");
  for (const { from } of [
    sources(await ringOf("one", "two"), "wrong"),
    sources(await ringOf("one", "two"), undefined, "wrong"),
  ]) {
    const message = /no key of the key ring opens it either \(2 tried\)/;
    await assert.rejects(unlock(lock, from), { problem: "wrong-password", message });
  }
});

test("without a ring a wrong password is told as ever", async () => {
  const { lock } = lockFor("lost");
  const message = "The password does not open this archive";
  await assert.rejects(unlock(lock, sources(await ringOf(), "wrong").from), { message });
  assert.equal(await unlock(lock, sources(await ringOf()).from), undefined);
});

test("with nobody to ask, the keys that were tried are counted", async () => {
  const { lock } = lockFor("lost");
  const promise = unlock(lock, sources(await ringOf("one")).from);
  await assert.rejects(promise, { problem: "password-needed", message: /\(1 tried\)/ });
});

test("a ring that cannot be read is told where it is needed, and hides no wrong password", async () => {
  const { lock } = lockFor("lost");
  const unreadable = new OpenRing({ ...memoryKeyRing(), read: () => Promise.reject(damaged()) });
  await assert.rejects(unlock(lock, sources(unreadable, undefined, "lost").from), {
    problem: "damaged",
  });
  await assert.rejects(unlock(lock, sources(unreadable, "wrong").from), {
    problem: "wrong-password",
    message: /could not be tried: the ring is damaged/,
  });
});

test("damage is not taken for a wrong password", async () => {
  const truncated = new SafehouseError("truncated", "It ends too early");
  const lock: Lock = { date: "", refusal: async () => truncated };
  await assert.rejects(unlock(lock, sources(await ringOf("one"), "given").from), truncated);
  await assert.rejects(unlock(lock, sources(await ringOf("one"), undefined, "x").from), truncated);
});

function damaged(): SafehouseError {
  return new SafehouseError("damaged", "the ring is damaged");
}
