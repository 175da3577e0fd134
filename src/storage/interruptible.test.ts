import { strict as assert } from "node:assert";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { interruptible, settledOrAborted } from "./interruptible.ts";

test("nothing stays attached to a signal that outlives the work", async () => {
  const { signal } = new AbortController();
  await settledOrAborted(Promise.resolve(1), signal);
  await assert.rejects(settledOrAborted(Promise.reject(new Error("no")), signal), /no/);
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("a source is closed when its reader stops early", async () => {
  let closed = false;
  async function* source() {
    try {
      yield 1;
      yield 2;
    } finally {
      closed = true;
    }
  }
  for await (const item of interruptible(source(), new AbortController().signal)) {
    assert.equal(item, 1);
    break;
  }
  assert.ok(closed);
});
