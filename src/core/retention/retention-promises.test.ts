import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { CopyFacts } from "#core/model/copy.ts";
import { loops } from "#test/loops.ts";
import {
  anyCopies,
  goodCopies,
  keptOf,
  now,
  ownCopies,
  ownCopy,
  removedOf,
  rules,
  slugsOf,
  statedRules,
} from "#test/retention-cases.ts";
import { decideRetention } from "./decide-retention.ts";
import { parseRetentionRule } from "./parse-retention-rule.ts";
import { statesAnything } from "./retention-rule.ts";
import type { RetentionRule } from "./retention-rule.ts";

const hour = 3_600_000;
const year = 365 * 24 * hour;
const runs = { numRuns: loops(400) };

function kept(rule: RetentionRule, copies: readonly CopyFacts[], at = now): CopyFacts[] {
  return keptOf(decideRetention(rule, copies, at));
}

const isBad = ({ state, verification }: CopyFacts): boolean =>
  state === "damaged" || verification === "failed";
const isGood = (copy: CopyFacts): boolean => !isBad(copy) && copy.verification !== "unverified";

test("only own copies that are there, not pinned and dated in the past are ever removed", () => {
  fc.assert(
    fc.property(rules, anyCopies, (rule, copies) => {
      for (const { owner, pinned, state, date } of removedOf(decideRetention(rule, copies, now))) {
        assert.equal(owner, "this");
        assert.equal(pinned, false);
        assert.ok(state === "present" || state === "damaged");
        assert.ok(date !== undefined && date <= now);
      }
    }),
    runs,
  );
});

test("of every plan the newest proven copy stays, and while none is proven the newest that is not bad", () => {
  fc.assert(
    fc.property(rules, ownCopies, (rule, copies) => {
      const inThePast = copies.filter(({ date = now }) => date <= now);
      const left = new Set(kept(rule, copies));
      for (const ofPlan of Map.groupBy(inThePast, ({ plan }) => plan).values()) {
        const sound = ofPlan.filter((copy) => !isBad(copy));
        const proven = sound.filter(({ verification }) => verification === "proven");
        for (const among of [sound, proven].filter(({ length }) => length > 0)) {
          const newest = Math.max(...among.map(({ date = 0 }) => date));
          assert.ok(among.some((copy) => copy.date === newest && left.has(copy)));
        }
      }
    }),
    runs,
  );
});

/** What a rule states, and the same with higher numbers and with further conditions. */
const widened = fc
  .record({ narrow: statedRules, further: statedRules, more: fc.integer({ min: 0, max: 3 }) })
  .map(({ narrow, further, more }) => {
    const raise = (counts: Readonly<Record<string, number>>): Record<string, number> =>
      Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count + more]));
    const { copies, days, generations, ...others } = narrow;
    const wide = {
      ...further,
      ...others,
      ...(copies === undefined ? {} : { copies: copies + more }),
      ...(days === undefined ? {} : { days: days + more }),
      generations: { ...further.generations, ...raise(generations) },
    };
    return { narrow: parseRetentionRule(narrow), wide: parseRetentionRule(wide) };
  })
  // What states nothing keeps everything, so that any condition makes it narrower.
  .filter(({ narrow }) => statesAnything(narrow));

test("a wider rule keeps all that a narrower one keeps", () => {
  fc.assert(
    fc.property(widened, ownCopies, ({ narrow, wide }, copies) => {
      const left = new Set(kept(wide, copies));
      for (const copy of kept(narrow, copies)) assert.ok(left.has(copy), copy.slug);
    }),
    runs,
  );
});

test("a rule that states nothing keeps everything", () => {
  fc.assert(
    fc.property(anyCopies, (copies) => {
      const forever = parseRetentionRule({ zone: "UTC" });
      assert.equal(kept(forever, copies).length, copies.length);
    }),
    runs,
  );
});

test("deciding again on what is left removes nothing", () => {
  fc.assert(
    fc.property(rules, anyCopies, (rule, copies) => {
      const left = kept(rule, copies);
      assert.deepEqual(kept(rule, left), left);
    }),
    runs,
  );
});

test("the order in which copies are listed does not matter", () => {
  const shuffled = anyCopies.chain((copies) =>
    fc.tuple(
      fc.constant(copies),
      fc.shuffledSubarray(copies, { minLength: copies.length, maxLength: copies.length }),
    ),
  );
  fc.assert(
    fc.property(rules, shuffled, (rule, [copies, other]) => {
      assert.deepEqual(decideRetention(rule, other, now), decideRetention(rule, copies, now));
    }),
    runs,
  );
});

test("every outcome has its reasons", () => {
  fc.assert(
    fc.property(rules, anyCopies, (rule, copies) => {
      for (const { reasons } of decideRetention(rule, copies, now)) assert.ok(reasons.length > 0);
    }),
    runs,
  );
});

test("unverified and bad copies never change what is kept of the good ones, nor bad ones of the others", () => {
  fc.assert(
    fc.property(rules, ownCopies, (rule, copies) => {
      const left = kept(rule, copies);
      assert.deepEqual(left.filter(isGood), kept(rule, copies.filter(isGood)));
      const sound = copies.filter((copy) => !isBad(copy));
      assert.deepEqual(
        left.filter((copy) => !isBad(copy)),
        kept(rule, sound),
      );
    }),
    runs,
  );
});

test("copies of one plan never change what is kept of another's", () => {
  fc.assert(
    fc.property(rules, ownCopies, (rule, copies) => {
      const ofPlan = ({ plan }: CopyFacts): boolean => plan === "nightly";
      assert.deepEqual(kept(rule, copies).filter(ofPlan), kept(rule, copies.filter(ofPlan)));
    }),
    runs,
  );
});

test("as the clock runs or jumps ahead, nothing goes that would not go now", () => {
  fc.assert(
    fc.property(rules, goodCopies, fc.nat({ max: 3 * year }), (rule, copies, later) => {
      assert.deepEqual(
        decideRetention(rule, copies, now + later),
        decideRetention(rule, copies, now),
      );
    }),
    runs,
  );
});

test("however often it is pruned while copies come in, the same are left as by pruning once", () => {
  fc.assert(
    fc.property(rules, goodCopies, fc.nat(), (rule, copies, seed) => {
      const oldestFirst = copies.toSorted((a, b) => (a.date ?? 0) - (b.date ?? 0));
      let left: CopyFacts[] = [];
      for (const [index, copy] of oldestFirst.entries()) {
        left.push(copy);
        if ((seed >> (index % 30)) & 1) left = kept(rule, left, copy.date);
      }
      assert.deepEqual(slugsOf(kept(rule, left)), slugsOf(kept(rule, copies)));
    }),
    runs,
  );
});

test("a first copy after a clock's jump by a year ages the others by one ordinary pause", () => {
  const days = fc.integer({ min: 1, max: 30 });
  fc.assert(
    fc.property(rules, days, goodCopies, (anyRule, count, copies) => {
      fc.pre(copies.length > 0);
      // In a zone that never changes its clock, so that hours are hours.
      const rule = { ...anyRule, days: count, copies: undefined, generations: {}, zone: "UTC" };
      const before = kept(rule, copies);
      const newest = Math.max(...copies.map(({ date = 0 }) => date));
      const removedAfter = (pause: number): string[] => {
        const next = ownCopy("next", newest + pause, { plan: "nightly" });
        return slugsOf(removedOf(decideRetention(rule, [...before, next], newest + pause)));
      };
      const planned = rule.longestPauseInHours * hour;
      assert.deepEqual(removedAfter(planned + year), removedAfter(planned));
    }),
    runs,
  );
});

test("a jump by a year costs no generation and no count more than one copy", () => {
  fc.assert(
    fc.property(rules, goodCopies, (rule, copies) => {
      fc.pre(copies.length > 0);
      const withoutDays = { ...rule, days: undefined };
      const before = kept(withoutDays, copies);
      const jumped = ownCopy("next", now + year, { plan: "nightly" });
      const removed = removedOf(decideRetention(withoutDays, [...before, jumped], now + year));
      const stated = Object.keys(rule.generations).length + Number(rule.copies !== undefined);
      // Two more may have stayed only for being the newest good and the newest proven.
      assert.ok(removed.length <= stated + 2);
    }),
    runs,
  );
});
