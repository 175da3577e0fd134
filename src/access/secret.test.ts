import { strict as assert } from "node:assert";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { test, type TestContext } from "node:test";
import { hashPassword, isPassword } from "./password-hash.ts";
import { hashSecret, newId, newSecret, ownerOf } from "./secret.ts";

/** Counts how often bytes are compared in constant time, for as long as a test runs. */
function countComparisons(context: TestContext): () => number {
  const real = crypto.timingSafeEqual;
  let count = 0;
  crypto.timingSafeEqual = (...compared) => {
    count += 1;
    return real(...compared);
  };
  syncBuiltinESMExports();
  context.after(() => {
    crypto.timingSafeEqual = real;
    syncBuiltinESMExports();
  });
  return () => count;
}

test("a secret belongs to whoever was given it", () => {
  const secrets = Array.from({ length: 5 }, () => newSecret());
  const owners = secrets.map((secret) => ({ id: newId(), hash: hashSecret(secret) }));
  for (const [at, secret] of secrets.entries()) assert.equal(ownerOf(secret, owners), owners[at]);
  for (const other of ["", newSecret(), owners[0]?.hash ?? ""])
    assert.equal(ownerOf(other, owners), undefined);
  assert.equal(new Set([...secrets, ...owners.map(({ id }) => id)]).size, 10);
});

test("secrets are compared in constant time, with every owner, whichever is right", (context) => {
  const comparisons = countComparisons(context);
  const secrets = Array.from({ length: 5 }, () => newSecret());
  const owners = secrets.map((secret) => ({ hash: hashSecret(secret) }));
  for (const [at, secret] of [...secrets, newSecret()].entries()) {
    ownerOf(secret, owners);
    assert.equal(comparisons(), (at + 1) * owners.length);
  }
});

test("passwords are compared in constant time", async (context) => {
  const comparisons = countComparisons(context);
  const hash = await hashPassword("correct horse", { memory: 64, passes: 1, parallelism: 1 });
  await isPassword("correct horse", hash);
  await isPassword("wrong horse", hash);
  assert.equal(comparisons(), 2);
});

test("a damaged hash belongs to nobody", () => {
  for (const hash of ["", "0a", "é".repeat(64)])
    assert.equal(ownerOf(newSecret(), [{ hash }]), undefined);
});
