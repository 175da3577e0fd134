import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("deflate.wasm is what deflate.as.ts compiles to", async () => {
  const folder = await mkdtemp(join(tmpdir(), "safehouse-deflate-"));
  try {
    const target = join(folder, "deflate.wasm");
    const script = fileURLToPath(new URL("../../../scripts/build-deflate.ts", import.meta.url));
    execFileSync(process.execPath, [script, target]);
    const committed = await readFile(new URL("./deflate.wasm", import.meta.url));
    assert.ok(committed.equals(await readFile(target)), "run scripts/build-deflate.ts and commit");
  } finally {
    await rm(folder, { recursive: true });
  }
});
