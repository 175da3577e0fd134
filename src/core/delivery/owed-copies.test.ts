import assert from "node:assert/strict";
import { test } from "node:test";
import type { CopyFacts } from "../model/copy.ts";
import { owedCopies, type OwedCopy } from "./owed-copies.ts";

const hour = 3_600_000;

function copy(slug: string, night: number, more: Partial<CopyFacts> = {}): CopyFacts {
  const date = night * 24 * hour;
  const facts = { owner: "this", pinned: false, state: "present", plan: "nightly" } as const;
  return { slug, date, ...facts, verification: "proven", ...more };
}

function owed(
  copies: Readonly<Record<string, readonly CopyFacts[]>>,
  { enabled = true } = {},
): readonly OwedCopy[] {
  const locations = ["here", "nas", "cloud"].map((location) => ({
    location,
    retention: undefined,
  }));
  return owedCopies([{ id: "nightly", enabled, locations }], new Map(Object.entries(copies)));
}

test("what came while a location was away is owed to it, the newest first", () => {
  const here = [copy("a", 1), copy("b", 2), copy("c", 3)];
  assert.deepEqual(owed({ here, nas: [copy("a", 1)], cloud: here }), [
    { plan: "nightly", slug: "c", from: ["here", "cloud"], to: "nas" },
    { plan: "nightly", slug: "b", from: ["here", "cloud"], to: "nas" },
  ]);
});

test("a new location is owed the newest backup and not all of them", () => {
  const here = [copy("a", 1), copy("b", 2)];
  assert.deepEqual(
    owed({ here, nas: here, cloud: [] }).map(({ slug, to }) => [slug, to]),
    [["b", "cloud"]],
  );
});

test("what was pruned at a location is not brought back", () => {
  const here = [copy("a", 1), copy("b", 2), copy("c", 3)];
  assert.deepEqual(owed({ here, nas: [copy("c", 3)], cloud: [copy("c", 3)] }), []);
});

test("nothing is owed of damaged copies, to places that were never seen, and by plans at rest", () => {
  const bad = copy("b", 2, { verification: "failed" });
  const torn = copy("c", 3, { state: "damaged" });
  assert.deepEqual(owed({ here: [copy("a", 1), bad, torn], nas: [copy("a", 1)] }), []);
  const here = [copy("a", 1)];
  assert.deepEqual(owed({ here }), [], "nobody knows what is at the others");
  assert.deepEqual(owed({ here, nas: [], cloud: [] }, { enabled: false }), []);
});

test("backups of others and of other plans are not this plan's to deliver", () => {
  const others = [copy("x", 5, { plan: "weekly" }), copy("y", 6, { owner: "other" })];
  assert.deepEqual(owed({ here: others, nas: [], cloud: [] }), []);
});

test("a copy that is at a location and damaged is not owed: it would be refused for its name", () => {
  const here = [copy("a", 1)];
  const nas = [copy("a", 1, { state: "damaged" })];
  assert.deepEqual(owed({ here, nas, cloud: here }), []);
});

test("the copy that was read is taken before one that nobody has read", () => {
  const here = [copy("a", 1, { verification: "unverified" })];
  assert.deepEqual(owed({ here, nas: [], cloud: [copy("a", 1)] })[0]?.from, ["cloud", "here"]);
});

test("what waits at a location to go on is owed there, and nothing has to be sent", () => {
  const waiting = copy("b", 2, { waits: true });
  assert.deepEqual(owed({ here: [copy("a", 1), copy("b", 2)], nas: [copy("a", 1), waiting] }), [
    { plan: "nightly", slug: "b", from: ["nas"], to: "nas", waits: true },
  ]);
  const bad = copy("c", 3, { waits: true, verification: "failed" });
  assert.deepEqual(owed({ nas: [bad, copy("d", 4, { waits: true, plan: "weekly" })] }), []);
});
