import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVersions } from "./compare-versions.ts";

const ascending = [
  "2024.12.5",
  "2025.1.0",
  "2026.8.0.dev20260701",
  "2026.8.0b0",
  "2026.8.0b3",
  "2026.8.0",
  "2026.8.1",
  "2026.10.0",
];

test("versions of Home Assistant are ordered by release, betas before their release", () => {
  for (const [i, a] of ascending.entries()) {
    for (const [j, b] of ascending.entries())
      assert.equal(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} ${b}`);
  }
});

test("what is no version never counts as newer", () => {
  assert.equal(compareVersions("unknown", "2026.8.0"), 0);
  assert.equal(compareVersions("2026.8.0", ""), 0);
});
