import { Cron } from "croner";
import type { Schedule } from "../model/schedule.ts";
import { cronExpressionOf } from "./cron-expression.ts";
import { longestDelay } from "./longest-delay.ts";

/** Daily runs of a part of the year show their pause within so many days. */
const mostDays = 400;
const day = 86_400_000;
const start = Date.UTC(2025, 11, 31);
const longestLook = start + 10 * 366 * day;

/**
 * Hours of the local clock that may lie between two runs of a schedule, for `longestPauseInHours` of a
 * retention rule: from day to day, with the delay that chance may add and an hour for daylight saving.
 * Runs that come several times a day count as daily.
 */
export function longestPauseInHours(schedule: Schedule): number {
  const delay = Math.ceil(longestDelay(schedule) / 3600);
  return longestPauseInDays(schedule) * 24 + delay + 1;
}

function longestPauseInDays(schedule: Schedule): number {
  const days = cronExpressionOf(schedule).split(" ").slice(2).join(" ");
  if (days === "* * *") return 1;
  const calendar = new Cron(`0 0 ${days}`, { utcOffset: 0, mode: "5-part" });
  const runs = calendar.nextRuns(mostDays, new Date(start)).map((date) => date.getTime());
  const pauses = runs
    .filter((run) => run <= longestLook)
    .map((run, at, all) => (at === 0 ? 0 : run - (all[at - 1] ?? run)));
  return Math.max(1, ...pauses.map((pause) => Math.round(pause / day)));
}
