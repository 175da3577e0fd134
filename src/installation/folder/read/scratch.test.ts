import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { newScratchFolder, removeStaleScratch } from "./scratch.ts";
import { TemporaryHome } from "./temporary-home.test-support.ts";

test("removes copies of processes that are gone, also if their number is in use again, and no others", async () => {
  using home = new TemporaryHome();
  const mine = newScratchFolder(home.paths.dataDir);
  mkdirSync(mine, { recursive: true });
  const gone = ["read-999999999-5-x", `read-${process.pid}-1-x`];
  for (const name of gone) home.write(`data/scratch/${name}/copy.db`, "1");
  home.write("data/scratch/other/file", "1");
  assert.deepEqual((await removeStaleScratch(home.paths.dataDir)).toSorted(), gone.toSorted());
  assert.ok(existsSync(mine));
  assert.deepEqual(readdirSync(join(home.paths.dataDir, "scratch")).length, 2);
});

test("a data folder without scratch has nothing to remove", async () => {
  using home = new TemporaryHome();
  assert.deepEqual(await removeStaleScratch(home.paths.dataDir), []);
});
