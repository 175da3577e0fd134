import assert from "node:assert/strict";
import { test } from "node:test";
import { settingChanges } from "./setting-changes.ts";

function changes(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  return settingChanges(before, after).map(
    ({ setting, item, change }) =>
      `${item === undefined ? setting : `${setting} ${item}`} ${change}`,
  );
}

test("tells what is added, changed and removed, down to the items", () => {
  const before = { rules: ["a"], paths: { config: "/a", media: "/m" }, old: 1 };
  const after = { rules: ["a", "b"], paths: { media: "/m", config: "/b", ssl: "/s" }, fresh: true };
  assert.deepEqual(changes(before, after), [
    "rules changed",
    "paths config changed",
    "paths ssl added",
    "old removed",
    "fresh added",
  ]);
});

test("items of a list are told apart by their ids", () => {
  const nightly = { id: "nightly", name: "Nightly" };
  const weekly = { id: "weekly", name: "Weekly" };
  const before = { plans: [nightly, weekly] };
  assert.deepEqual(changes(before, { plans: [{ ...nightly, name: "Night" }, { id: "new" }] }), [
    "plans nightly changed",
    "plans weekly removed",
    "plans new added",
  ]);
  assert.deepEqual(changes(before, { plans: [weekly, nightly] }), ["plans changed"]);
  assert.deepEqual(changes(before, { plans: [nightly, nightly] }), ["plans changed"]);
});

test("the order of fields is no change", () => {
  assert.deepEqual(
    changes({ a: { x: 1, y: [{ p: 1, q: 2 }] } }, { a: { y: [{ q: 2, p: 1 }], x: 1 } }),
    [],
  );
});
