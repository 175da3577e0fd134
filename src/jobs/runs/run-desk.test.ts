import assert from "node:assert/strict";
import { test } from "node:test";
import { SafehouseError } from "#core/model/problem.ts";
import { newRunAlone } from "#core/run/new-run-alone.ts";
import { RunDesk } from "./run-desk.ts";

const owner = { pid: 1, start: undefined, boot: undefined, space: undefined };

function run(id: string) {
  return newRunAlone("verify", {
    home: "home",
    id,
    owner,
    created: 0,
    location: "here",
    backup: undefined,
  });
}

test("whoever begins work gets the id of its run, not its end", async () => {
  await using desk = new RunDesk();
  const { promise, resolve } = Promise.withResolvers<string>();
  const id = await desk.begin(({ begun }) => {
    begun(run("a"));
    return promise;
  });
  assert.equal(id, "a");
  resolve("done");
  assert.deepEqual(await desk.end("a"), { kind: "done", result: "done" });
  assert.equal(desk.end("b"), undefined);
});

test("what keeps work from beginning is told to whoever asked for it", async () => {
  await using desk = new RunDesk();
  const busy = new SafehouseError("busy", "Somebody else is at work");
  await assert.rejects(
    desk.begin(() => Promise.reject(busy)),
    busy,
  );
});

test("a failure after the beginning is remembered, and reaches nobody unasked", async () => {
  await using desk = new RunDesk();
  const failure = new Error("No");
  await desk.begin(async ({ begun }) => {
    begun(run("a"));
    throw failure;
  });
  assert.deepEqual(await desk.end("a"), { kind: "failed", error: failure });
});

test("closing cancels what is at work and waits for it", async () => {
  const desk = new RunDesk();
  let stopped = false;
  await desk.begin(async ({ begun, signal }) => {
    begun(run("a"));
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    await new Promise((resolve) => setImmediate(resolve));
    stopped = true;
  });
  await desk[Symbol.asyncDispose]();
  assert.ok(stopped);
});

test("of thousands of runs the last fifty results are remembered", async () => {
  await using desk = new RunDesk();
  for (let number = 0; number < 2000; number += 1)
    await desk.begin(async ({ begun }) => begun(run(`run ${number}`)));
  assert.equal(desk.end("run 1949"), undefined);
  assert.ok(desk.end("run 1950"));
});
