import { Cron } from "croner";
import type { Schedule } from "../model/schedule.ts";
import { cronExpressionOf } from "./cron-expression.ts";
import { momentAt } from "./moment-at.ts";

/**
 * The moments after `after` at which a schedule is due, without jitter; milliseconds since 1970,
 * strictly ascending, up to the year 2999.
 *
 * Where clocks change, a time of day that is skipped is due at the first moment after the gap, and
 * times that are skipped together are due once; a time that comes twice is due the first time. Only a
 * cron expression whose hours begin with `*` goes by elapsed time: what is skipped is left out, and
 * what comes twice is due twice, so that "every half hour" stays so.
 */
export function dueMoments(schedule: Schedule, after: number): Generator<number, void> {
  const expression = cronExpressionOf(schedule);
  const hours = expression.trim().split(/\s+/u)[1] ?? "";
  return hours.startsWith("*")
    ? byElapsedTime(expression, schedule.zone, after)
    : byWallClock(expression, schedule.zone, after);
}

function* byElapsedTime(expression: string, zone: string, after: number): Generator<number, void> {
  const cron = new Cron(expression, { timezone: zone, mode: "5-part" });
  yield* matches(cron, after);
}

/**
 * croner only lists the times of a calendar without changes of the clock; by itself it loses the day
 * for `10,40 2 * * *` in Berlin, and for 23:30 in Greenland, where the gap reaches into the next day.
 */
function* byWallClock(expression: string, zone: string, after: number): Generator<number, void> {
  const calendar = new Cron(expression, { utcOffset: 0, mode: "5-part" });
  const start = Temporal.Instant.fromEpochMilliseconds(after).toZonedDateTimeISO(zone);
  let last = after;
  for (const time of matches(calendar, after + start.offsetNanoseconds / 1e6)) {
    const instant = Temporal.Instant.fromEpochMilliseconds(time);
    const moment = momentAt(instant.toZonedDateTimeISO("UTC").toPlainDateTime(), zone);
    if (moment === undefined || moment <= last) continue;
    last = moment;
    yield moment;
  }
}

function* matches(cron: Cron, after: number): Generator<number, void> {
  for (let at = cron.nextRun(new Date(after)); at !== null; at = cron.nextRun(at))
    yield at.getTime();
}
