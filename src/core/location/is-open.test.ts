import assert from "node:assert/strict";
import { test } from "node:test";
import { isOpen } from "./is-open.ts";

test("a location is open in its hours, without hours always, and with spoilt ones too", () => {
  const noon = new Date(2026, 2, 1, 12).getTime();
  assert.ok(!isOpen({ settings: { hours: "23:00-06:00" } }, noon));
  assert.ok(isOpen({ settings: { hours: "11:00-13:00" } }, noon));
  for (const settings of [{}, { hours: "" }, { hours: "at night" }])
    assert.ok(isOpen({ settings }, noon));
});
