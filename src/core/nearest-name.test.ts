import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestName } from "./nearest-name.ts";

const known = ["version_ha", "year", "month", "month_long", "hr24", "hostname"];

test("finds the name that was meant, whatever its case and the order of its words", () => {
  for (const [given, meant] of [
    ["yaer", "year"],
    ["HR24", "hr24"],
    ["ha_version", "version_ha"],
    ["mont", "month"],
    ["long_month", "month_long"],
    ["host_name", "hostname"],
  ] as const)
    assert.equal(nearestName(given, known), meant);
});

test("finds some name even for nonsense, and at once for a very long text", () => {
  assert.ok(known.includes(nearestName("", known) ?? ""));
  assert.ok(known.includes(nearestName("x".repeat(1_000_000), known) ?? ""));
});
