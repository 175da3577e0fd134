import { JsonFields, refuse } from "../json-fields.ts";
import { systemOptimal, weekdays, type Schedule, type Weekday } from "../model/schedule.ts";
import { faultOfCronExpression } from "./cron-expression.ts";

const longestJitterMinutes = 180;

/**
 * Reads a schedule from JSON of the same shape; `jitterMinutes` may be left out.
 * @throws SafehouseError `usage`, naming the field
 */
export function parseSchedule(value: unknown, path: string): Schedule {
  const common = ["recurrence", "zone", "jitterMinutes"];
  const all = new JsonFields(value, path, [...common, "time", "days", "day", "expression"]);
  const recurrence = all.oneOf("recurrence", ["daily", "weekdays", "monthly", "cron"]);
  const known = {
    daily: ["time"],
    weekdays: ["days", "time"],
    monthly: ["day", "time"],
    cron: ["expression"],
  };
  const fields = new JsonFields(value, path, [...common, ...known[recurrence]]);
  const zone = fields.value("zone", readZone);
  const jitterMinutes = fields.optional("jitterMinutes", readJitter) ?? 0;
  switch (recurrence) {
    case "daily":
      return { recurrence, time: fields.value("time", readTime), zone, jitterMinutes };
    case "weekdays":
      return {
        recurrence,
        days: fields.value("days", readDays),
        time: fields.value("time", readTime),
        zone,
        jitterMinutes,
      };
    case "monthly":
      return {
        recurrence,
        day: fields.value("day", readDayOfMonth),
        time: fields.value("time", readTime),
        zone,
        jitterMinutes,
      };
    case "cron":
      return {
        recurrence,
        expression: fields.value("expression", readExpression),
        zone,
        jitterMinutes,
      };
  }
}

function readZone(value: unknown, path: string): string {
  const isZone = typeof value === "string" && /^[a-z]/iu.test(value) && isKnownZone(value);
  return isZone ? value : refuse(path, "a time zone such as Europe/Berlin");
}

function isKnownZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function readJitter(value: unknown, path: string): number {
  const fits =
    typeof value === "number" &&
    Number.isInteger(value) &&
    value >= 0 &&
    value <= longestJitterMinutes;
  return fits ? value : refuse(path, `a whole number of minutes from 0 to ${longestJitterMinutes}`);
}

function readTime(value: unknown, path: string): string {
  const isTime =
    typeof value === "string" &&
    (value === systemOptimal || /^(?:[01]\d|2[0-3]):[0-5]\d$/u.test(value));
  return isTime ? value : refuse(path, `a time of day such as 04:45, or ${systemOptimal}`);
}

function readDays(value: unknown, path: string): Weekday[] {
  const wanted = `a list of days out of ${weekdays.join(", ")}`;
  if (!Array.isArray(value) || value.length === 0) refuse(path, wanted);
  const named = new Set<unknown>(value);
  const days = weekdays.filter((day) => named.has(day));
  return days.length === named.size ? days : refuse(path, wanted);
}

function readDayOfMonth(value: unknown, path: string): number | "last" {
  if (value === "last") return value;
  const isDay = typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 28;
  return isDay ? value : refuse(path, "a day from 1 to 28, or last");
}

function readExpression(value: unknown, path: string): string {
  if (typeof value !== "string") refuse(path, "a cron expression such as 30 2 * * *");
  const fault = faultOfCronExpression(value);
  if (fault !== undefined) refuse(path, `a cron expression such as 30 2 * * *; this one ${fault}`);
  return value.trim().replaceAll(/\s+/gu, " ");
}
