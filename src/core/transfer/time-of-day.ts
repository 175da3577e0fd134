import { SafehouseError } from "../model/problem.ts";

/** Minutes since midnight of a time such as `23:30`. @throws SafehouseError `usage` */
export function readTimeOfDay(text: string): number {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/u.exec(text) ?? [];
  if (hours !== undefined && minutes !== undefined) return Number(hours) * 60 + Number(minutes);
  throw new SafehouseError("usage", `"${text}" is no time of the day`, {
    subject: text,
    advice: "Write it as 23:30",
  });
}

/** Minutes since midnight of a moment, by the clock on the wall here. */
export function minutesOfDay(now: number): number {
  const date = new Date(now);
  return date.getHours() * 60 + date.getMinutes();
}
