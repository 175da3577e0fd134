import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { crc32, inflateRawSync } from "node:zlib";
import { sampleData } from "#test/compressible-data.ts";
import { chunkSize } from "./chunk.ts";
import { DeflatePool } from "./deflate-pool.ts";

const dyingScript = (code: string): URL =>
  new URL(`data:text/javascript,${encodeURIComponent(code)}`);
const ready = `import { parentPort } from "node:worker_threads"; parentPort.postMessage({ kind: "ready" });`;

test("compresses chunks in threads and tells their checksums", async () => {
  await using pool = await DeflatePool.open({ threads: 2 });
  const data = sampleData("mixed", 5 * chunkSize);
  const chunks = [0, 1, 2, 3, 4].map((n) => data.subarray(n * chunkSize, (n + 1) * chunkSize));
  await Promise.all(
    chunks.map(async (bytes) => {
      const slot = pool.takeSlot();
      slot.input.set(bytes);
      const chunk = await pool.compress(slot, bytes.length);
      assert.equal(chunk.crc32, crc32(bytes));
      assert.equal(chunk.size, chunkSize);
      const whole = inflateRawSync(Buffer.concat([chunk.bytes, Uint8Array.of(3, 0)]));
      assert.ok(whole.equals(bytes));
      chunk.release();
    }),
  );
});

test("a thread that throws rejects the pending chunks, and all later ones", async () => {
  const script = dyingScript(
    `${ready} parentPort.on("message", () => { throw new Error("boom"); });`,
  );
  await using pool = await DeflatePool.open({ threads: 1, script });
  const pending = [1, 2, 3].map(() => pool.compress(pool.takeSlot(), 1));
  for (const result of await Promise.allSettled(pending)) {
    assert.equal(result.status, "rejected");
    assert.match(String(result.reason), /compression thread stopped unexpectedly/);
  }
  await assert.rejects(pool.compress(pool.takeSlot(), 1), /stopped unexpectedly/);
});

test("a thread that exits rejects the pending chunks", async () => {
  const script = dyingScript(`${ready} parentPort.on("message", () => process.exit(0));`);
  await using pool = await DeflatePool.open({ threads: 1, script });
  await assert.rejects(pool.compress(pool.takeSlot(), 1), /stopped unexpectedly/);
});

test("a thread that cannot start rejects the opening", async () => {
  const script = dyingScript(`throw new Error("boom");`);
  await assert.rejects(DeflatePool.open({ threads: 2, script }), /stopped unexpectedly/);
});

test("an absent engine is unsupported, with advice", async () => {
  const answer = `{ kind: "failed", problem: "unsupported", message: "No library", advice: "Install it" }`;
  const script = dyingScript(
    `import { parentPort } from "node:worker_threads"; parentPort.postMessage(${answer});`,
  );
  await assert.rejects(DeflatePool.open({ threads: 2, script }), {
    name: "SafehouseError",
    problem: "unsupported",
    advice: "Install it",
  });
});

test("disposing rejects what is pending", async () => {
  const script = dyingScript(`${ready} parentPort.on("message", () => {});`);
  const pool = await DeflatePool.open({ threads: 1, script });
  const rejected = assert.rejects(pool.compress(pool.takeSlot(), 1), /was stopped/);
  await pool[Symbol.asyncDispose]();
  await rejected;
});

test("an idle pool does not keep the process alive", () => {
  const pool = fileURLToPath(new URL("./deflate-pool.ts", import.meta.url));
  const program = `
    const { DeflatePool } = await import(${JSON.stringify(pool)});
    const pool = await DeflatePool.open({ threads: 2 });
    const chunk = await pool.compress(pool.takeSlot(), 1000);
    console.log(chunk.size);`;
  const arguments_ = ["--input-type=module", "--eval", program];
  const output = execFileSync(process.execPath, arguments_, { timeout: 30_000, encoding: "utf8" });
  assert.equal(output, "1000\n");
});
