import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Turns } from "./turns.ts";

test("only so much is done at once, in the order in which it came, and too much is sent away", async () => {
  const turns = new Turns({ atOnce: 2, waiting: 3 });
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (name: number) =>
    turns.take(async () => {
      begun.push(name);
      await new Promise<void>((resolve) => void ends.push(resolve));
      return name;
    });
  const taken = [0, 1, 2, 3, 4].map(work);
  await assert.rejects(work(5), { problem: "busy" });
  const most: number[] = [];
  for (let done = 0; done < 5; done += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    most.push(begun.length - done);
    ends[done]?.();
  }
  assert.deepEqual(await Promise.all(taken), [0, 1, 2, 3, 4]);
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
  assert.deepEqual(most, [2, 2, 2, 2, 1]);
});

test("work that fails gives its place back", async () => {
  const turns = new Turns({ atOnce: 1, waiting: 1 });
  for (let count = 0; count < 3; count += 1)
    await assert.rejects(
      turns.take(() => Promise.reject(new Error("no"))),
      /no/,
    );
  assert.equal(await turns.take(async () => "done"), "done");
});
