import { strict as assert } from "node:assert";
import { once } from "node:events";
import { test } from "node:test";
import { runProgram, startProgram } from "./start-program.ts";

const { signal } = new AbortController();

test("what a program says, what goes wrong and its exit code come back apart", async () => {
  const args = ["-c", "cat; echo wrong >&2; exit 3"];
  const end = await runProgram({ program: "sh", args, input: "said", signal });
  assert.deepEqual(end, { code: 3, output: "said", errors: "wrong" });
});

test("a program that is not installed is told by its name", async () => {
  const starting = startProgram({ program: "no-such-program", args: [], signal });
  await assert.rejects(starting, { problem: "unsupported", message: /no-such-program/u });
});

test("secrets go through a descriptor that nobody else can see", async () => {
  const args = ["-c", "cat <&3"];
  const end = await runProgram({ program: "sh", args, texts: ["Zaunkönig $%"], signal });
  assert.equal(end.output, "Zaunkönig $%");
});

test("a program that is deaf to a kind word is ended all the same, with whom it has started", async () => {
  const cancel = new AbortController();
  const args = ["-c", "trap '' TERM; sleep 600 & wait; sleep 600"];
  const running = await startProgram({ program: "sh", args, signal: cancel.signal });
  running.stdout.resume();
  cancel.abort();
  await assert.rejects(running.ended, { name: "AbortError" });
});

test("whoever holds the pipes of a program that was cancelled is not waited for", async () => {
  const cancel = new AbortController();
  const args = ["-c", "setsid sleep 600 & echo $!; wait"];
  const running = await startProgram({ program: "sh", args, signal: cancel.signal });
  const [pid] = (await once(running.stdout, "data")) as [Buffer];
  cancel.abort();
  await assert.rejects(running.ended, { name: "AbortError" });
  process.kill(Number(pid.toString()));
});

test("a program that ends before it has read everything is not waited for", async () => {
  async function* endless() {
    for (;;) yield Buffer.alloc(65_536);
  }
  const end = await runProgram({ program: "true", args: [], input: endless(), signal });
  assert.equal(end.code, 0);
});
