import type { GenerationName, RetentionAnchors } from "./retention-rule.ts";

/** Where an instant lies in one kind of period. */
export interface LocalPeriod {
  /** Names the period alone: `2026-11-22T10:00+01:00`, `2026-11-22`, `2026-W47`, `2026-11` or `2026`. */
  readonly name: string;
  /** How far its day is from standing for the period (see `RetentionAnchors`); 0 is best, no unit. */
  readonly distance: number;
}

/**
 * The period of a generation in which an instant lies, by the calendar of its time zone. Weeks are those
 * of ISO 8601 and named with their own year, so that the last days of December and the first of January
 * share one, and week 1 of two years is two weeks. The hour that a clock shows twice is two hours.
 *
 * The calendar is Temporal's, which is part of the language, as the core may use: time zones come without Node or
 * a package, and croner knows when a schedule is due, not in which week a day lies.
 */
export function localPeriod(
  generation: GenerationName,
  local: Temporal.ZonedDateTime,
  anchors: RetentionAnchors,
): LocalPeriod {
  const day = local.toPlainDate();
  switch (generation) {
    case "hourly":
      return { name: `${day.toString()}T${twoDigits(local.hour)}:00${local.offset}`, distance: 0 };
    case "daily":
      return { name: day.toString(), distance: 0 };
    case "weekly":
      return {
        // Never undefined in the ISO calendar, the only one in use here.
        name: `${String(day.yearOfWeek)}-W${twoDigits(day.weekOfYear)}`,
        distance: distanceFrom(anchors.weekly, day.dayOfWeek, day.daysInWeek),
      };
    case "monthly":
      return {
        name: day.toPlainYearMonth().toString(),
        distance: distanceFrom(anchors.monthly, day.day, day.daysInMonth),
      };
    case "yearly":
      return {
        name: String(day.year),
        distance: distanceFrom(anchors.yearly, day.dayOfYear, day.daysInYear),
      };
  }
}

/**
 * Days from the anchor on come first, in their order; then those before it, backwards. So where the
 * period is too short to have the anchor, its last day comes first.
 */
function distanceFrom(anchor: number, day: number, length: number): number {
  return day >= anchor ? day - anchor : length - day;
}

function twoDigits(number: number | undefined): string {
  return String(number).padStart(2, "0");
}
