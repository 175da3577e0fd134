import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Credits } from "./credits.ts";
import { SmbConnectionError } from "./smb-error.ts";

test("requests go out in their order, as far as there is credit for them", async () => {
  const credits = new Credits();
  const gone: bigint[] = [];
  const go = (charge: number) =>
    credits.take(charge).then(({ number }) => {
      gone.push(number);
    });
  const all = [go(1), go(4), go(1)];
  await setImmediate();
  assert.deepEqual(gone, [0n]);
  credits.give(3, 1);
  await setImmediate();
  assert.deepEqual(gone, [0n], "the small one does not overtake the large one");
  credits.give(2, 0);
  await Promise.all(all);
  assert.deepEqual(gone, [0n, 1n, 5n]);
  assert.equal(credits.granted, 5);
});

test("whoever waits for credit hears of the end of the connection", async () => {
  const credits = new Credits();
  await credits.take(1);
  const waiting = credits.take(1);
  const end = new SmbConnectionError("lost", "cut");
  credits.end(end);
  await assert.rejects(waiting, end);
  await assert.rejects(credits.take(1), end);
});
