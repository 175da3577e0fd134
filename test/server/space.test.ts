import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const cases = fileURLToPath(new URL("../support/space-cases.ts", import.meta.url));
const mayMount = spawnSync("unshare", ["--mount", "true"]).status === 0;
const skip = mayMount ? false : "absent: the right to mount";

for (const [promise, name] of [
  ["a server whose disk is full says so, and starts once there is room", "serverRefused"],
  [
    "a server whose disk becomes full answers what it can, and goes on once there is room",
    "serverGoesOn",
  ],
] as const) {
  test(promise, { skip }, () => {
    const { status, stdout, stderr } = spawnSync(
      "unshare",
      ["--mount", process.execPath, cases, name],
      { encoding: "utf8" },
    );
    assert.equal(status, 0, stdout + stderr);
  });
}
