import { strict as assert } from "node:assert";
import { mkdtemp, readFile, readdir, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import fc from "fast-check";
import { rejectsWith, someBytes } from "../contract/objects.ts";
import { LocalStorage } from "./provider.ts";
import { parseLocalSettings } from "./settings.ts";

const { signal } = new AbortController();
const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1);

async function makeLocal(context: TestContext): Promise<{ path: string; storage: LocalStorage }> {
  const path = await mkdtemp(join(tmpdir(), "safehouse-writer-"));
  context.after(() => rm(path, { recursive: true, force: true }));
  return { path, storage: new LocalStorage(parseLocalSettings({ path, reserveBytes: 0 })) };
}

test("pieces and patches of any size come out in their places", async (context) => {
  const { path, storage } = await makeLocal(context);
  const material = someBytes(3_000_000);
  const step = fc.oneof(
    fc.record({ kind: fc.constant("write" as const), size: fc.integer({ min: 0, max: 600 }) }),
    fc.record({
      kind: fc.constant("write" as const),
      size: fc.integer({ min: 900_000, max: 1_200_000 }),
    }),
    fc.record({ kind: fc.constant("patch" as const), size: fc.integer({ min: 1, max: 600 }) }),
  );
  const property = fc.asyncProperty(
    fc.array(step, { maxLength: 12 }),
    fc.nat(),
    async (steps, seed) => {
      await using writer = await storage.openWrite("x.tar", { overwrite: true }, signal);
      let expected = Buffer.alloc(0);
      for (const { kind, size } of steps) {
        const bytes = material.subarray(seed % 1000, (seed % 1000) + size);
        if (kind === "write") {
          await writer.write(bytes);
          expected = Buffer.concat([expected, bytes]);
        } else if (size <= expected.length) {
          const offset = seed % (expected.length - size + 1);
          await writer.patchAt(offset, bytes);
          expected.set(bytes, offset);
        }
      }
      assert.equal((await writer.commit()).size, expected.length);
      assert.ok(expected.equals(await readFile(join(path, "x.tar"))));
    },
  );
  await fc.assert(property, { numRuns: 20 * loops });
});

test("an object that came while ours was written is not replaced", async (context) => {
  const { path, storage } = await makeLocal(context);
  await using writer = await storage.openWrite("x.tar", {}, signal);
  await writer.write(Buffer.from("ours"));
  await writeFile(join(path, "x.tar"), "theirs");
  await rejectsWith(writer.commit(), "already-exists");
  await writer.abort();
  assert.equal(await readFile(join(path, "x.tar"), "utf8"), "theirs");
  assert.deepEqual(await readdir(path), ["x.tar"]);
});

test("an unfinished file that somebody removed is missed at the commit", async (context) => {
  const { path, storage } = await makeLocal(context);
  await using writer = await storage.openWrite("x.tar", {}, signal);
  await writer.write(Buffer.from("ours"));
  for (const name of await readdir(path)) await unlink(join(path, name));
  await rejectsWith(writer.commit(), "not-found");
  assert.deepEqual(await readdir(path), []);
});

test("a large file goes to the disk while it is written, and is whole", async (context) => {
  const { path, storage } = await makeLocal(context);
  const chunk = someBytes(4 * 1024 * 1024);
  await using writer = await storage.openWrite("x.tar", {}, signal);
  for (let count = 0; count < 20; count += 1) await writer.write(chunk);
  assert.equal((await writer.commit()).size, 20 * chunk.length);
  const bytes = await readFile(join(path, "x.tar"));
  for (let count = 0; count < 20; count += 1) {
    assert.ok(chunk.equals(bytes.subarray(count * chunk.length, (count + 1) * chunk.length)));
  }
});
