import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("blake3.wasm is what blake3.as.ts compiles to", async () => {
  const folder = await mkdtemp(join(tmpdir(), "safehouse-blake3-"));
  try {
    const target = join(folder, "blake3.wasm");
    const script = fileURLToPath(new URL("../../../scripts/build-blake3.ts", import.meta.url));
    execFileSync(process.execPath, [script, target]);
    const committed = await readFile(new URL("./blake3.wasm", import.meta.url));
    assert.ok(committed.equals(await readFile(target)), "run scripts/build-blake3.ts and commit");
  } finally {
    await rm(folder, { recursive: true });
  }
});
