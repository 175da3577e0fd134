import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyCopies, now, rules } from "#test/retention-cases.ts";
import { decideRetention } from "./decide-retention.ts";
import type { RetentionReason } from "./retention-reason.ts";
import { wordReason } from "./word-reason.ts";

const week = { kind: "generation", generation: "weekly", period: "2026-W47" } as const;

const texts: readonly (readonly [RetentionReason, string])[] = [
  [{ kind: "no-limit" }, "No limit is set, so every backup is kept"],
  [{ kind: "left-alone", because: "pinned" }, "It is marked to be kept"],
  [{ kind: "newest", among: "proven" }, "The newest verified backup is always kept"],
  [{ kind: "nothing-better" }, "It is damaged, and no newer backup is good"],
  [{ kind: "copies", place: 3, of: 7 }, "Backup 3 of the newest 7"],
  [{ kind: "copies", place: 8, of: 7 }, "Not among the newest 7: it is number 8"],
  [{ kind: "days", place: 2, of: 30 }, "Day 2 of 30"],
  [
    { kind: "days", place: 31, of: 30 },
    "Older than 30 days, not counting long pauses without backups: day 31",
  ],
  [{ ...week, place: 2, of: 4 }, "Kept for the week 2026-W47: 2 of 4"],
  [
    { ...week, place: 5, of: 4 },
    "The week 2026-W47 is not among the newest 4 with backups: it is number 5",
  ],
  [{ ...week, kind: "replaced", by: "1a2b3c4d" }, "Backup 1a2b3c4d is kept for the week 2026-W47"],
];

for (const [reason, text] of texts)
  test(`words: ${text}`, () => assert.equal(wordReason(reason), text));

test("every reason that comes up is a sentence without full stop", () => {
  fc.assert(
    fc.property(rules, anyCopies, (rule, copies) => {
      for (const reason of decideRetention(rule, copies, now).flatMap(({ reasons }) => reasons))
        assert.match(wordReason(reason), /^[A-Z].*[^.]$/u);
    }),
  );
});
