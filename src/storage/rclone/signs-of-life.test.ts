import { strict as assert } from "node:assert";
import { test } from "node:test";
import { withSignsOfLife } from "./signs-of-life.ts";

test("bytes that rclone moves by itself are told of, and standing still is not", async () => {
  const counts = [10, 10, 25, 25, 30];
  const told: number[] = [];
  const work = Promise.withResolvers<string>();
  const result = withSignsOfLife(work.promise, {
    moved: async () => {
      const count = counts.shift();
      if (count === undefined) work.resolve("done");
      return count ?? 30;
    },
    sent: (bytes) => void told.push(bytes),
    everyMs: 1,
  });
  assert.equal(await result, "done");
  assert.deepEqual(told, [15, 5]);
});

test("an rclone that cannot be asked spoils nothing", async () => {
  const work = Promise.withResolvers<string>();
  const result = withSignsOfLife(work.promise, {
    moved: async () => {
      setImmediate(() => work.resolve("done"));
      throw new Error("gone");
    },
    sent: () => assert.fail("nothing is known to have moved"),
    everyMs: 1,
  });
  assert.equal(await result, "done");
});
