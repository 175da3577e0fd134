import { strict as assert } from "node:assert";
import { setImmediate } from "node:timers/promises";
import { test } from "node:test";
import fc from "fast-check";
import { mapBounded } from "./map-bounded.ts";

test("results come in the order of the items, with never more at work than allowed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(5)), fc.integer({ min: 1, max: 9 }), async (items, limit) => {
      let atWork = 0;
      const results = await mapBounded(items, limit, async (turns) => {
        atWork += 1;
        assert.ok(atWork <= limit);
        for (let turn = 0; turn < turns; turn += 1) await setImmediate();
        atWork -= 1;
        return turns * 2;
      });
      assert.deepEqual(
        results,
        items.map((item) => item * 2),
      );
    }),
    { numRuns: 50 },
  );
});

test("nothing is begun after a failure, and nothing is still at work when it is told", async () => {
  const begun: number[] = [];
  let ended = 0;
  const work = mapBounded([0, 1, 2, 3, 4], 2, async (item) => {
    begun.push(item);
    if (item === 0) throw new Error("first");
    await setImmediate();
    ended += 1;
  });
  await assert.rejects(work, /first/);
  assert.deepEqual(begun, [0, 1]);
  assert.equal(ended, 1);
});
