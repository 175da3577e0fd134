import { strict as assert } from "node:assert";
import { test } from "node:test";
import { checkPartNumber, partBytesFor, partsAtOnce } from "./part-layout.ts";

const mebibyte = 1024 * 1024;

test("parts grow with the object, so that there are never more than 10,000", () => {
  assert.equal(partBytesFor(undefined, undefined), 8 * mebibyte);
  assert.equal(partBytesFor(undefined, 5 * mebibyte), 5 * mebibyte);
  assert.equal(partBytesFor(50_000 * mebibyte, undefined), 5 * mebibyte);
  assert.equal(partBytesFor(50_000 * mebibyte + 1, undefined), 6 * mebibyte);
  assert.equal(partBytesFor(80_000 * mebibyte + 1, 8 * mebibyte), 9 * mebibyte);
  const size = 1_000_000 * mebibyte;
  assert.ok(Math.ceil(size / partBytesFor(size, 5 * mebibyte)) <= 10_000);
});

test("parts that are under way never take more memory for being larger", () => {
  assert.equal(partsAtOnce(5 * mebibyte), 4);
  assert.equal(partsAtOnce(8 * mebibyte), 2);
  assert.equal(partsAtOnce(16 * mebibyte), 1);
  assert.equal(partsAtOnce(1000 * mebibyte), 1);
});

test("an object that no number of parts can hold is too large", () => {
  checkPartNumber(10_000, "x.tar");
  assert.throws(() => checkPartNumber(10_001, "x.tar"), { problem: "too-large" });
});
