import fc from "fast-check";
import type { CopyFacts } from "#core/model/copy.ts";
import type { RetentionDecision } from "#core/retention/decide-retention.ts";
import { parseRetentionRule } from "#core/retention/parse-retention-rule.ts";
import type { RetentionRule } from "#core/retention/retention-rule.ts";

const hour = 3_600_000;

/** A day in autumn, some weeks after the clocks went back in Europe and in America. */
export const now = Date.parse("2026-11-22T12:00:00Z");

/** A copy that a rule may touch, proven, of no plan. @param date ISO date-time with its offset, or milliseconds */
export function ownCopy(
  slug: string,
  date: string | number,
  facts: Partial<CopyFacts> = {},
): CopyFacts {
  return {
    slug,
    date: typeof date === "string" ? Temporal.Instant.from(date).epochMilliseconds : date,
    owner: "this",
    pinned: false,
    state: "present",
    verification: "proven",
    plan: undefined,
    ...facts,
  };
}

/** One copy a day at the same time by the local clock; the first is `day 1`. */
export function dailyCopies(
  count: number,
  start: string,
  facts: Partial<CopyFacts> = {},
): CopyFacts[] {
  const first = Temporal.ZonedDateTime.from(start);
  return Array.from({ length: count }, (_, index) =>
    ownCopy(`day ${index + 1}`, first.add({ days: index }).epochMilliseconds, facts),
  );
}

/** A rule in Berlin's time unless it says otherwise. */
export function ruleOf(fields: Readonly<Record<string, unknown>>): RetentionRule {
  return parseRetentionRule({ zone: "Europe/Berlin", ...fields });
}

export function keptOf(decisions: readonly RetentionDecision[]): CopyFacts[] {
  return decisions.filter(({ outcome }) => outcome === "keep").map(({ copy }) => copy);
}

export function removedOf(decisions: readonly RetentionDecision[]): CopyFacts[] {
  return decisions.filter(({ outcome }) => outcome === "remove").map(({ copy }) => copy);
}

export function slugsOf(copies: readonly CopyFacts[]): string[] {
  return copies.map(({ slug }) => slug).toSorted();
}

const count = fc.integer({ min: 1, max: 6 });

/** What a rule states, as it is written in settings. */
export interface StatedRule {
  readonly copies?: number;
  readonly days?: number;
  readonly generations: Readonly<
    Partial<Record<"hourly" | "daily" | "weekly" | "monthly" | "yearly", number>>
  >;
  readonly anchors: Readonly<Partial<Record<"weekly" | "monthly" | "yearly", number>>>;
  readonly longestPauseInHours: number;
  readonly zone: string;
}

export const statedRules: fc.Arbitrary<StatedRule> = fc.record(
  {
    copies: count,
    days: count,
    generations: fc.record(
      { hourly: count, daily: count, weekly: count, monthly: count, yearly: count },
      { requiredKeys: [] },
    ),
    anchors: fc.record(
      {
        weekly: fc.integer({ min: 1, max: 7 }),
        monthly: fc.integer({ min: 1, max: 31 }),
        yearly: fc.integer({ min: 1, max: 366 }),
      },
      { requiredKeys: [] },
    ),
    longestPauseInHours: fc.constantFrom(1, 25, 169),
    zone: fc.constantFrom(
      "Europe/Berlin",
      "America/New_York",
      "America/St_Johns",
      "Australia/Lord_Howe",
      "Asia/Kolkata",
      "UTC",
    ),
  },
  { requiredKeys: ["generations", "anchors", "longestPauseInHours", "zone"] },
);

export const rules: fc.Arbitrary<RetentionRule> = statedRules.map(parseRetentionRule);

/** Dates that fall together in an hour, a day, a week or a year; some lie after `now`. */
const dates = fc
  .oneof(
    fc.integer({ min: -8 * 4, max: 30 * 4 }),
    fc.integer({ min: 0, max: 60 * 24 * 4 }),
    fc.integer({ min: 0, max: 1500 * 24 * 4 }),
  )
  .map((quarters) => now - (quarters * hour) / 4);

const slugs = fc.nat({ max: 0xffff }).map((number) => number.toString(16).padStart(8, "0"));

function copiesOf(
  facts: Readonly<Partial<{ [Name in keyof CopyFacts]: fc.Arbitrary<CopyFacts[Name]> }>>,
) {
  const arbitrary: fc.Arbitrary<CopyFacts> = fc.record({
    slug: slugs,
    date: dates,
    owner: fc.constant("this" as const),
    pinned: fc.constant(false),
    state: fc.constant("present" as const),
    verification: fc.constantFrom("proven", "proven", "readable", "unverified", "failed"),
    plan: fc.constantFrom(undefined, "nightly"),
    ...facts,
  });
  return fc.uniqueArray(arbitrary, { selector: ({ slug }) => slug, maxLength: 40 });
}

/** Copies of every kind, those included that no rule may touch. */
export const anyCopies: fc.Arbitrary<CopyFacts[]> = copiesOf({
  date: fc.oneof({ weight: 9, arbitrary: dates }, fc.constantFrom(undefined, Number.NaN, -1, 9e15)),
  owner: fc.constantFrom("this", "this", "this", "this", "other", "unknown"),
  pinned: fc.constantFrom(false, false, false, false, true, undefined),
  state: fc.constantFrom(
    "present",
    "present",
    "present",
    "damaged",
    "queued",
    "sending",
    "missing",
  ),
});

/** Copies that a rule may touch, but for dates in the future. */
export const ownCopies: fc.Arbitrary<CopyFacts[]> = copiesOf({});

/** Good copies of one plan, none of them in the future. */
export const goodCopies: fc.Arbitrary<CopyFacts[]> = copiesOf({
  date: dates.map((date) => Math.min(date, now)),
  verification: fc.constantFrom("proven", "readable"),
  plan: fc.constant("nightly"),
});
