import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { generateKey } from "./generate-key.ts";
import { keyGroups } from "./key-groups.ts";

test("a key has the shape of Home Assistant's own, and no two are the same", () => {
  const keys = Array.from({ length: loops(2000) }, () => generateKey());
  for (const key of keys) {
    assert.match(key, /^[A-Z0-9]{4}(-[A-Z0-9]{4}){6}$/);
    assert.equal(key.length, 34);
    assert.equal(keyGroups(key)?.join("-"), key);
  }
  assert.equal(new Set(keys).size, keys.length);
});

test("every character is exactly as likely as any other", () => {
  // All bytes in turn: of nine keys, 252 characters, each of the 36 must come seven times.
  let next = 0;
  const inTurn = (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => {
      next += 1;
      return next - 1;
    });
  const counts = new Map<string, number>();
  for (let key = 0; key < 9; key += 1)
    for (const character of generateKey(inTurn).replaceAll("-", ""))
      counts.set(character, (counts.get(character) ?? 0) + 1);
  assert.equal(counts.size, 36);
  assert.deepEqual(new Set(counts.values()), new Set([7]));
});

test("bytes that would favour some characters are drawn again", () => {
  const drawn: number[] = [];
  const source = (length: number): Uint8Array => {
    drawn.push(length);
    return drawn.length === 1 ? new Uint8Array(length).fill(255) : new Uint8Array(length);
  };
  assert.equal(generateKey(source), "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA");
  assert.deepEqual(drawn, [28, 28]);
});

test("the characters of many keys are spread evenly", () => {
  const counts = new Map<string, number>();
  const keys = 5000;
  for (let key = 0; key < keys; key += 1)
    for (const character of generateKey(randomBytes).replaceAll("-", ""))
      counts.set(character, (counts.get(character) ?? 0) + 1);
  const expected = (keys * 28) / 36;
  const chi = [...counts.values()].reduce(
    (sum, count) => sum + (count - expected) ** 2 / expected,
    0,
  );
  // 35 degrees of freedom: more than 100 comes by chance once in 10 million runs.
  assert.ok(chi < 100, `chi square ${chi}`);
});

test("nothing but that shape is taken for groups", () => {
  const shape = /^([A-Z0-9]{4}-){6}[A-Z0-9]{4}$/;
  const nearly = fc.stringMatching(/^[A-Za-z0-9]{3,5}(-[A-Z0-9]{4}){5,7}\n?$/);
  fc.assert(
    fc.property(nearly, (text) => {
      const isKey = text.length === 34 && shape.test(text);
      assert.equal(keyGroups(text) !== undefined, isKey);
    }),
    { numRuns: loops(300) },
  );
});
