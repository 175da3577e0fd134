import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { FirstInOrder } from "./first-in-order.ts";

test("the first of any number are kept, in order, and all are counted", () => {
  const numbers = fc.array(fc.nat(9999), { maxLength: 5000, size: "max" });
  fc.assert(
    fc.property(numbers, fc.nat(50), (given, most) => {
      const keys = given.map((number) => String(number).padStart(4, "0"));
      const kept = new FirstInOrder<string>(most, (key) => key);
      for (const key of keys) kept.add(key);
      assert.deepEqual(kept.first(), keys.toSorted().slice(0, most));
      assert.equal(kept.count, keys.length);
    }),
    { numRuns: loops(20) },
  );
});
