import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { combineCrc32 } from "./crc32-combine.ts";

test("combining the checksums of two pieces gives the checksum of the whole", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (a, b) => {
      const whole = crc32(Buffer.concat([a, b]));
      assert.equal(combineCrc32(crc32(a), crc32(b), b.length), whole);
    }),
  );
});

test("combines pieces of more than 4 GiB", () => {
  // Doubling a piece of zeros: what CRC-32 of 2^33 zero bytes is, with no need to make them.
  let checksum = crc32(new Uint8Array(1 << 20));
  for (let length = 2 ** 20; length < 2 ** 33; length *= 2) {
    checksum = combineCrc32(checksum, checksum, length);
  }
  const ofOneMebibyte = crc32(new Uint8Array(1 << 20));
  let inSteps = ofOneMebibyte;
  for (let mebibytes = 1; mebibytes < 8192; mebibytes += 1) {
    inSteps = combineCrc32(inSteps, ofOneMebibyte, 1 << 20);
    if (mebibytes === 2) assert.equal(inSteps, crc32(new Uint8Array(3 << 20)));
  }
  assert.equal(checksum, inSteps);
});

test("an empty piece changes nothing", () => {
  assert.equal(combineCrc32(0xdeadbeef, 0, 0), 0xdeadbeef);
  assert.equal(combineCrc32(0, 0xdeadbeef, 5), 0xdeadbeef);
});
