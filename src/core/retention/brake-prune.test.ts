import assert from "node:assert/strict";
import { test } from "node:test";
import type { CopyFacts } from "#core/model/copy.ts";
import { dailyCopies, now, ownCopy, ruleOf } from "#test/retention-cases.ts";
import { brakePrune } from "./brake-prune.ts";
import { decideRetention } from "./decide-retention.ts";

const limits = { atMost: 10 };

function stopOf(
  fields: Readonly<Record<string, unknown>>,
  copies: readonly CopyFacts[],
  withLimits: Parameters<typeof brakePrune>[1] = limits,
) {
  return brakePrune(decideRetention(ruleOf(fields), copies, now), withLimits);
}

function nights(count: number, facts: Partial<CopyFacts> = {}): CopyFacts[] {
  return dailyCopies(count, "2025-01-01T03:00[Europe/Berlin]", facts);
}

test("Google Drive add-on #975: 400 backups and a rule that keeps 7 stop at the brake", () => {
  const stop = stopOf({ copies: 7 }, nights(400));
  assert.deepEqual(stop?.because, ["more-than-half", "too-many"]);
  assert.equal(stop?.going, 393);
  assert.equal(stop?.touchable, 400);
  assert.equal(stop?.confirmation.split(" day ").length, 393);
});

test("a normal rotation passes, with one and with two backups as well", () => {
  for (let keep = 1; keep <= 20; keep += 1) {
    for (let have = 1; have <= keep + 1; have += 1)
      assert.equal(stopOf({ copies: keep }, nights(have), { atMost: 1 }), undefined);
  }
});

test("a nightly rotation by days and generations passes on every night of two years", () => {
  const rule = ruleOf({ days: 7, generations: { weekly: 4, monthly: 12, yearly: 2 } });
  let left: CopyFacts[] = [];
  for (const copy of nights(730)) {
    const decisions = decideRetention(rule, [...left, copy], copy.date ?? now);
    assert.equal(brakePrune(decisions, { atMost: 4 }), undefined, copy.slug);
    left = decisions.filter(({ outcome }) => outcome === "keep").map((decision) => decision.copy);
  }
});

test("an hourly rotation that keeps one day and seven days passes on every hour of two weeks", () => {
  const rule = ruleOf({ days: 1, generations: { daily: 7 } });
  let left: CopyFacts[] = [];
  for (let hours = 0; hours < 14 * 24; hours += 1) {
    const copy = ownCopy(`hour ${hours}`, now + hours * 3_600_000);
    const decisions = decideRetention(rule, [...left, copy], copy.date ?? now);
    assert.equal(brakePrune(decisions, { atMost: 2 }), undefined, copy.slug);
    left = decisions.filter(({ outcome }) => outcome === "keep").map((decision) => decision.copy);
  }
});

test("half of the backups may go, and one more may not", () => {
  assert.equal(stopOf({ copies: 4 }, nights(8)), undefined);
  assert.deepEqual(stopOf({ copies: 4 }, nights(9))?.because, ["more-than-half"]);
});

test("as many as the limit says may go, and one more may not", () => {
  assert.equal(stopOf({ copies: 90 }, nights(100)), undefined);
  assert.deepEqual(stopOf({ copies: 89 }, nights(100))?.because, ["too-many"]);
});

test("what no rule may touch does not make a prune look small", () => {
  const pinned = nights(50, { pinned: true }).map((copy) => ({
    ...copy,
    slug: `pin ${copy.slug}`,
  }));
  const stop = stopOf({ copies: 2 }, [...nights(8), ...pinned]);
  assert.deepEqual(stop?.because, ["more-than-half"]);
  assert.equal(stop?.touchable, 8);
});

test("the backups of one plan do not make a prune of another's look small", () => {
  const settings = nights(20, { plan: "settings" }).map((copy) => ({
    ...copy,
    slug: `settings ${copy.slug}`,
  }));
  const copies = [...nights(20, { plan: "all" }).slice(0, 6), ...settings];
  const decisions = decideRetention(ruleOf({ copies: 20 }), copies, now);
  const losing = decisions.map((decision) =>
    decision.copy.plan === "all" && decision.copy.slug !== "day 6"
      ? { ...decision, outcome: "remove" as const }
      : decision,
  );
  assert.deepEqual(brakePrune(losing, limits)?.because, ["more-than-half"]);
});

test("a confirmation holds for exactly the prune that it was given for", () => {
  const copies = nights(30);
  const confirmed = stopOf({ copies: 7 }, copies)?.confirmation;
  assert.ok(confirmed !== undefined);
  const agreed = { ...limits, confirmed };
  assert.equal(stopOf({ copies: 7 }, copies.toReversed(), agreed), undefined);
  assert.ok(stopOf({ copies: 6 }, copies, agreed) !== undefined);
  assert.ok(stopOf({ copies: 8 }, copies, agreed) !== undefined);
  assert.ok(stopOf({ copies: 7 }, nights(31), agreed) !== undefined);
  assert.ok(stopOf({ copies: 7 }, copies, { ...limits, confirmed: "" }) !== undefined);
});

test("a confirmation is the slugs that go, sorted", () => {
  const copies = ["cc", "aa", "bb", "dd"].map((slug, at) => ownCopy(slug, now - (9 - at) * 1e8));
  assert.equal(stopOf({ copies: 1 }, copies)?.confirmation, "aa bb cc");
});

test("where nothing goes there is nothing to stop", () => {
  assert.equal(stopOf({}, nights(400)), undefined);
  assert.equal(stopOf({ copies: 1 }, []), undefined);
});

test("a limit below one is a wrong call", () => {
  for (const atMost of [0, -1, 1.5, Number.NaN])
    assert.throws(() => brakePrune([], { atMost }), RangeError);
});
