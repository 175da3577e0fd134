import type { CopyFacts } from "../model/copy.ts";
import { reasonsToLeaveAlone } from "./leave-alone.ts";
import type { DatedCopy } from "./place-copies.ts";
import { readableDate } from "./readable-date.ts";
import { reasonsInSeries } from "./reasons-in-series.ts";
import { keeps } from "./retention-reason.ts";
import type { RetentionReason } from "./retention-reason.ts";
import type { RetentionRule } from "./retention-rule.ts";

export interface RetentionDecision {
  readonly copy: CopyFacts;
  readonly outcome: "keep" | "remove";
  /** All of them, and only those that speak for the outcome. */
  readonly reasons: readonly RetentionReason[];
}

/**
 * Decides what a location keeps of its copies, from what is stored alone.
 *
 * - A rule holds for each plan by itself: copies of one plan, and those made without one, take no place
 *   from copies of another.
 * - Good copies (proven or readable) take their places first. Unverified ones are placed among good and
 *   unverified ones, bad ones among all. So no copy loses its place to one that is worse than it.
 * - The newest proven copy always stays, and so do the newest good one and the newest that is not bad,
 *   which is at most two more. A bad one stays until there is a newer good one.
 * - The clock serves only to tell dates in the future. As it runs, or jumps ahead, it lets nothing go;
 *   only a newer backup does.
 *
 * @param copies all of one location, in any order
 * @param now milliseconds since 1970
 * @returns one decision for each copy, newest first, those without a readable date last
 */
export function decideRetention(
  rule: RetentionRule,
  copies: readonly CopyFacts[],
  now: number,
): readonly RetentionDecision[] {
  if (!Number.isFinite(now)) throw new RangeError(`There is no time ${now} to decide at`);
  const inOrder = copies.toSorted(compareAge);
  const bySlug = Map.groupBy(copies, ({ slug }) => slug);
  const reasons = new Map<CopyFacts, readonly RetentionReason[]>();
  const touchable: DatedCopy[] = [];
  for (const copy of inOrder) {
    const slugIsAlone = bySlug.get(copy.slug)?.length === 1;
    const alone = reasonsToLeaveAlone(copy, { now, slugIsAlone });
    const date = readableDate(copy);
    if (alone.length === 0 && date !== undefined)
      touchable.push({ copy, local: atLocalTime(date, rule.zone) });
    else
      reasons.set(
        copy,
        alone.map((because) => ({ kind: "left-alone", because })),
      );
  }
  for (const series of Map.groupBy(touchable, ({ copy }) => copy.plan).values()) {
    for (const [copy, found] of reasonsInSeries(rule, series)) reasons.set(copy, found);
  }
  return inOrder.map((copy) => decide(copy, reasons.get(copy) ?? []));
}

/** One reason to keep a copy outweighs all reasons to let it go; a copy goes only for a reason. */
function decide(copy: CopyFacts, reasons: readonly RetentionReason[]): RetentionDecision {
  const toKeep = reasons.filter(keeps);
  if (toKeep.length > 0 || reasons.length === 0) return { copy, outcome: "keep", reasons: toKeep };
  return { copy, outcome: "remove", reasons };
}

function atLocalTime(date: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(date).toZonedDateTimeISO(zone);
}

/** Newest first, then what has no readable date; of two with the same date, any fixed order. */
function compareAge(a: CopyFacts, b: CopyFacts): number {
  const older = (readableDate(b) ?? -1) - (readableDate(a) ?? -1);
  if (older !== 0) return older;
  return a.slug < b.slug ? -1 : Number(a.slug > b.slug);
}
