import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import {
  anyCopies,
  dailyCopies,
  keptOf,
  now,
  ownCopy,
  removedOf,
  ruleOf,
  rules,
} from "#test/retention-cases.ts";
import { decideRetention } from "./decide-retention.ts";
import { previewRetention } from "./preview-retention.ts";

const day = 24 * 3_600_000;

test("shows what goes now, and after each run what goes then", () => {
  const copies = dailyCopies(4, "2026-11-18T03:00[Europe/Berlin]");
  const dates = [1, 2, 3].map((days) => now + days * day);
  const steps = previewRetention(ruleOf({ copies: 3 }), copies, { now, dates, plan: undefined });
  assert.deepEqual(
    steps.map(({ at, made, decisions }) => ({
      at,
      made: made?.slug,
      there: decisions.length,
      goes: removedOf(decisions).map(({ slug }) => slug),
    })),
    [
      { at: now, made: undefined, there: 4, goes: ["day 1"] },
      { at: dates[0], made: "run 1", there: 4, goes: ["day 2"] },
      { at: dates[1], made: "run 2", there: 4, goes: ["day 3"] },
      { at: dates[2], made: "run 3", there: 4, goes: ["day 4"] },
    ],
  );
});

test("the runs of one plan leave the backups of another where they are", () => {
  const copies = [ownCopy("other", now - day, { plan: "all" })];
  const dates = Array.from({ length: 5 }, (_, days) => now + (days + 1) * day);
  const steps = previewRetention(ruleOf({ copies: 1 }), copies, { now, dates, plan: "settings" });
  const last = keptOf(steps.at(-1)?.decisions ?? []).map(({ slug }) => slug);
  assert.deepEqual(last, ["run 5", "other"]);
});

test("what a preview shows is what comes about", () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 40 * 24 }), { maxLength: 8 });
  fc.assert(
    fc.property(rules, anyCopies, gaps, (rule, copies, hours) => {
      const dates = hours.map((_, at) =>
        hours.slice(0, at + 1).reduce((date, gap) => date + gap * 3_600_000, now),
      );
      const steps = previewRetention(rule, copies, { now, dates, plan: "nightly" });
      let left = keptOf(decideRetention(rule, copies, now));
      for (const [at, { made, decisions }] of steps.entries()) {
        if (made !== undefined)
          left = keptOf(decideRetention(rule, [made, ...left], dates[at - 1] ?? now));
        assert.deepEqual(keptOf(decisions), left);
      }
      assert.equal(steps.length, dates.length + 1);
    }),
    { numRuns: loops(200) },
  );
});

test("runs that do not lie ahead in their order are a wrong call", () => {
  for (const dates of [[now], [now - 1], [now + 2, now + 1], [Number.NaN]])
    assert.throws(
      () => previewRetention(ruleOf({}), [], { now, dates, plan: undefined }),
      RangeError,
    );
});
