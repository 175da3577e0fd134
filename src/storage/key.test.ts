import { strict as assert } from "node:assert";
import { posix } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { checkKey } from "./key.ts";

test("a key that passes stays below any folder that it is joined to", () => {
  const name = fc.oneof(fc.constantFrom("", ".", "..", "...", "a", "/", "~"), fc.string());
  fc.assert(
    fc.property(fc.array(name, { maxLength: 5 }), (names) => {
      const key = names.join("/");
      try {
        checkKey(key);
      } catch (error) {
        assert.ok(error instanceof RangeError);
        return;
      }
      assert.equal(posix.join("/root", key), `/root/${key}`);
    }),
    { numRuns: 2000 },
  );
});
