import type { CopyFacts } from "../model/copy.ts";
import { localPeriod } from "./local-period.ts";
import type { Placing } from "./retention-reason.ts";
import { generationNames } from "./retention-rule.ts";
import type { GenerationName, RetentionRule } from "./retention-rule.ts";

export interface DatedCopy {
  readonly copy: CopyFacts;
  /** Its date by the rule's time zone. */
  readonly local: Temporal.ZonedDateTime;
}

/**
 * What each stated condition of a rule says of each copy of a series.
 *
 * Taking copies away from a series moves none of the others to a later place. So what is kept of a
 * series is kept of its rest, and deciding twice comes to the same as deciding once.
 * @param series newest first
 */
export function placeCopies(
  rule: RetentionRule,
  series: readonly DatedCopy[],
): ReadonlyMap<CopyFacts, readonly Placing[]> {
  const { copies, days, generations, longestPauseInHours } = rule;
  const conditions = [
    ...(copies === undefined ? [] : [placeByCount(series, copies)]),
    ...(days === undefined ? [] : [placeByAge(series, { of: days, longestPauseInHours })]),
    ...generationNames.flatMap((generation) => {
      const of = generations[generation];
      return of === undefined ? [] : [placeByPeriod(series, { rule, generation, of })];
    }),
  ];
  return new Map(
    series.map(({ copy }) => [copy, conditions.flatMap((placings) => placings.get(copy) ?? [])]),
  );
}

type Placings = ReadonlyMap<CopyFacts, Placing>;

function placeByCount(series: readonly DatedCopy[], of: number): Placings {
  return new Map(series.map(({ copy }, at) => [copy, { kind: "copies", place: at + 1, of }]));
}

/**
 * Ages are counted from copy to copy, in whole hours as a clock on the wall shows them: a backup that is
 * made at three every night is a day older each night, whatever daylight saving does, and some minutes
 * more or less do not matter.
 */
function placeByAge(
  series: readonly DatedCopy[],
  { of, longestPauseInHours }: { readonly of: number; readonly longestPauseInHours: number },
): Placings {
  let age = 0;
  let newer = Number.NEGATIVE_INFINITY;
  return new Map(
    series.map(({ copy, local }) => {
      const hour = wallClockHour(local);
      // Where a clock is put back, the older of two copies can show the later hour.
      age += Math.min(Math.max(newer - hour, 0), longestPauseInHours);
      newer = hour;
      return [copy, { kind: "days", place: Math.floor(age / 24) + 1, of }];
    }),
  );
}

/** Hours since 1970 by the local clock. */
function wallClockHour(local: Temporal.ZonedDateTime): number {
  return Math.floor((local.epochMilliseconds + local.offsetNanoseconds / 1e6) / 3_600_000);
}

/** The first period that comes up is the newest. */
function placeByPeriod(
  series: readonly DatedCopy[],
  {
    rule,
    generation,
    of,
  }: { readonly rule: RetentionRule; readonly generation: GenerationName; readonly of: number },
): Placings {
  const located = series.map(({ copy, local }) => ({
    copy,
    ...localPeriod(generation, local, rule.anchors),
  }));
  const periods = Array.from(Map.groupBy(located, ({ name }) => name));
  return new Map(
    periods.flatMap(([period, inPeriod], index) => {
      const place = index + 1;
      // The first of those that are equally near is the latest.
      const best = inPeriod.reduce((near, next) => (next.distance < near.distance ? next : near));
      return inPeriod.map(({ copy }): [CopyFacts, Placing] => [
        copy,
        place > of || copy === best.copy
          ? { kind: "generation", generation, period, place, of }
          : { kind: "replaced", generation, period, by: best.copy.slug },
      ]);
    }),
  );
}
