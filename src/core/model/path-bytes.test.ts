import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodePath, encodePath, hasEscapedBytes } from "./path-bytes.ts";

const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1);

test("brings any bytes back", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    // Mostly lead and continuation bytes, where the rules of UTF-8 are.
    fc.array(
      fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc3, 0xe0, 0xed, 0xa0, 0xf0, 0xf4, 0x90, 0xff),
      {
        maxLength: 12,
      },
    ),
  );
  fc.assert(
    fc.property(bytes, (some) => {
      const original = Uint8Array.from(some);
      assert.deepEqual(encodePath(decodePath(original)), original);
    }),
    { numRuns: 2000 * loops },
  );
});

test("agrees with the platform about text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const bytes = new TextEncoder().encode(text);
      assert.deepEqual(encodePath(text), bytes);
      assert.equal(decodePath(bytes), text);
      assert.equal(hasEscapedBytes(text), false);
    }),
    { numRuns: 500 * loops },
  );
});

test("tells names that are not UTF-8", () => {
  for (const bytes of [
    [0xff],
    [0x61, 0xe2, 0x82],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
  ]) {
    assert.equal(hasEscapedBytes(decodePath(Uint8Array.from(bytes))), true, String(bytes));
  }
});

test("spells a foreign byte as Python's surrogateescape does", () => {
  assert.equal(decodePath(Uint8Array.of(0x66, 0xfc, 0x72)), "f\udcfcr");
  assert.equal(decodePath(Uint8Array.of(0xe2, 0x82, 0x41)), "\udce2\udc82A");
});
