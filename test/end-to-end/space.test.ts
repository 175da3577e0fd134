import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const cases = fileURLToPath(new URL("../support/space-cases.ts", import.meta.url));
const mayMount = spawnSync("unshare", ["--mount", "true"]).status === 0;
const skip = mayMount ? false : "absent: the right to mount";

// Each case mounts small file systems, so it runs in a process with mounts of its own.
for (const [promise, name] of [
  ["a backup that cannot fit is refused with both numbers before anything is written", "refused"],
  ["a location that becomes full in the middle is left as it was", "fillsUp"],
  ["a copy that does not fit is refused before any of it is written", "copyRefused"],
  [
    "a second location that becomes full midway is left as it was, and costs its own copy",
    "copyFillsUp",
  ],
  ["a second location that is read-only costs its own copy", "copyReadOnly"],
  ["a restore that cannot fit is refused with both numbers and changes nothing", "restoreRefused"],
  ["a home whose disk becomes full while a restore is staged stays as it was", "restoreFillsUp"],
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
