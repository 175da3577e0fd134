import { strict as assert } from "node:assert";
import { test } from "node:test";
import { withSignsOfLife } from "./signs-of-life.ts";

test("bytes that rclone moves by itself are told of, and standing still is not", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const counts = [10, 10, 25, 25, 30];
  const told: number[] = [];
  const asked = counts.map(() => Promise.withResolvers<void>());
  const work = Promise.withResolvers<string>();
  let looks = 0;
  const result = withSignsOfLife(work.promise, {
    moved: async () => {
      asked[looks]?.resolve();
      return counts[looks++] ?? 30;
    },
    sent: (bytes) => void told.push(bytes),
  });
  for (const { promise } of asked) {
    context.mock.timers.tick(5000);
    await promise;
    await new Promise(setImmediate);
  }
  work.resolve("done");
  assert.equal(await result, "done");
  assert.deepEqual(told, [15, 5]);
});

test("an rclone that cannot be asked spoils nothing", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const work = Promise.withResolvers<string>();
  const asked = Promise.withResolvers<void>();
  const result = withSignsOfLife(work.promise, {
    moved: async () => {
      asked.resolve();
      throw new Error("gone");
    },
    sent: () => undefined,
  });
  context.mock.timers.tick(5000);
  await asked.promise;
  work.resolve("done");
  assert.equal(await result, "done");
});
