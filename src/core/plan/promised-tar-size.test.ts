import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { promisedTarSize } from "./promised-tar-size.ts";

test("a promised size is that of a tar, and holds every file with its header and what it may grow by", () => {
  const property = fc.property(fc.nat(1e12), fc.nat(1e6), (bytes, entries) => {
    const size = promisedTarSize({ bytes, entries, nameBytes: entries * 20 });
    assert.equal(size % 10_240, 0);
    // A header, an extended one, and on average as much of a block as files do not fill.
    assert.ok(size >= bytes * 1.01 + entries * 2048);
  });
  fc.assert(property);
});
