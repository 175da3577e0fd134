import { Cron } from "croner";
import {
  systemOptimal,
  weekdays,
  type Schedule,
  type TimeOfDay,
  type Weekday,
} from "../model/schedule.ts";

/**
 * Home Assistant's time of automatic backups if none is chosen; it follows the recorder's nightly
 * clean-up at 04:12.
 */
const optimalTime = "04:45";

/** The schedule's wall-clock times as a cron expression of five fields. */
export function cronExpressionOf(schedule: Schedule): string {
  switch (schedule.recurrence) {
    case "daily":
      return `${timeFields(schedule.time)} * * *`;
    case "weekdays":
      return `${timeFields(schedule.time)} * * ${schedule.days.map(weekdayNumber).join(",")}`;
    case "monthly":
      return `${timeFields(schedule.time)} ${schedule.day === "last" ? "L" : schedule.day} * *`;
    case "cron":
      return schedule.expression;
  }
}

/**
 * Why an expression cannot be used, as the end of a sentence about it; undefined if it can. Besides
 * numbers, `*`, ranges, steps, lists and English names of three letters there are `L` (last day), `15W`
 * (working day nearest to the 15th), `5L` (last Friday) and `5#2` (second Friday).
 */
export function faultOfCronExpression(expression: string): string | undefined {
  // croner also knows "?" and "@daily"; other programs mean different things by them.
  if (!/^\s*(?:[\w*,/#-]+(?:\s+|$)){5}$/u.test(expression)) return "is not made of five fields";
  try {
    const calendar = new Cron(expression, { utcOffset: 0, mode: "5-part" });
    const ever = calendar.nextRun(new Date(Date.UTC(2000, 0, 1)));
    return ever === null ? "names a day that never comes" : undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `cannot be read: ${error.message.replace(/^CronPattern: /u, "")}`;
  }
}

function timeFields(time: TimeOfDay): string {
  const [hour, minute] = (time === systemOptimal ? optimalTime : time).split(":");
  return `${Number(minute)} ${Number(hour)}`;
}

/** Cron counts from Sunday, 0. */
function weekdayNumber(day: Weekday): number {
  return (weekdays.indexOf(day) + 1) % 7;
}
