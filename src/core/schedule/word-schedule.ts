import { systemOptimal, weekdays, type Schedule, type Weekday } from "../model/schedule.ts";

/** A schedule in English, without full stop: `every day at 03:00 (Europe/Berlin)`. */
export function wordSchedule(schedule: Schedule | undefined): string {
  if (schedule === undefined) return "only when asked";
  const { zone, jitterMinutes } = schedule;
  const jitter = jitterMinutes === 0 ? "" : `, up to ${jitterMinutes} minutes late by chance`;
  return `${wordTimes(schedule)} (${zone})${jitter}`;
}

function wordTimes(schedule: Schedule): string {
  switch (schedule.recurrence) {
    case "daily":
      return `every day ${wordTime(schedule.time)}`;
    case "weekdays":
      return `${wordDays(schedule.days)} ${wordTime(schedule.time)}`;
    case "monthly":
      return `on ${wordDay(schedule.day)} of each month ${wordTime(schedule.time)}`;
    case "cron":
      return `by cron expression ${schedule.expression}`;
  }
}

function wordTime(time: string): string {
  return time === systemOptimal ? "some time from 04:45 to 05:45" : `at ${time}`;
}

function wordDays(days: readonly Weekday[]): string {
  const all = days.map((day) => names[day]);
  if (all.length === weekdays.length) return "every day";
  return `every ${all.join(", ").replace(/, ([^,]*)$/u, " and $1")}`;
}

const names: Readonly<Record<Weekday, string>> = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
};

function wordDay(day: number | "last"): string {
  return day === "last" ? "the last day" : `day ${day}`;
}
