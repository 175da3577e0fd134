import { strict as assert } from "node:assert";
import { test } from "node:test";
import { hashPassword, isOutdated, isPassword, presentCost } from "./password-hash.ts";

const cheap = { memory: 64, passes: 1, parallelism: 1 };

test("a password fits its hash and no other does", async () => {
  const hash = await hashPassword("correct horse", cheap);
  assert.match(hash, /^\$argon2id\$v=19\$m=64,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/u);
  assert.equal(await isPassword("correct horse", hash), true);
  for (const other of ["correct horse ", "Correct horse", "", hash])
    assert.equal(await isPassword(other, hash), false);
  assert.notEqual(await hashPassword("correct horse", cheap), hash);
});

test("a letter counts as the same however a keyboard has composed it", async () => {
  const hash = await hashPassword("Zaunk\u00f6nig", cheap);
  assert.equal(await isPassword("Zaunko\u0308nig", hash), true);
});

test("the hashes of the reference implementation are understood", async () => {
  // From its own src/test.c (github.com/P-H-C/phc-winner-argon2).
  const hashes = [
    "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
  ];
  for (const hash of hashes) {
    assert.equal(await isPassword("password", hash), true);
    assert.equal(await isPassword("Password", hash), false);
  }
});

test("the costs can be raised: older hashes go on counting and are known for what they are", async () => {
  const old = await hashPassword("correct horse", cheap);
  assert.equal(isOutdated(old), true);
  assert.equal(isOutdated(await hashPassword("correct horse")), false);
  assert.equal(isOutdated(await hashPassword("x", { ...presentCost, passes: 1 })), true);
});

test("what is no hash is told to be damaged, and never fits", async () => {
  for (const stored of [
    "",
    "correct horse",
    "$2b$12$abcdefghijklmnopqrstuv",
    "$argon2id$v=19$m=99999999,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
  ])
    await assert.rejects(isPassword("correct horse", stored), { problem: "damaged" });
});
