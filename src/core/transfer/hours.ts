import { SafehouseError } from "../model/problem.ts";
import { minutesOfDay, readTimeOfDay } from "./time-of-day.ts";

/** Times of the day in which something may begin. */
export type Hours = readonly HoursSpan[];

interface HoursSpan {
  /** Minutes since midnight. */
  readonly from: number;
  /** The same; before `from` where it reaches over midnight. Not part of it. */
  readonly to: number;
}

/** Reads `23:00-06:00`, or several such spans with blanks between. @throws SafehouseError `usage` */
export function parseHours(text: string): Hours {
  return text
    .trim()
    .split(/\s+/u)
    .map((span) => {
      const [from = "", to = "", ...more] = span.split("-");
      if (more.length > 0 || to === "") throw noHours(span);
      return { from: readTimeOfDay(from), to: readTimeOfDay(to) };
    });
}

/** Whether a moment is within, by the clock on the wall here. */
export function isWithin(hours: Hours, now: number): boolean {
  const minutes = minutesOfDay(now);
  return hours.some(({ from, to }) =>
    from < to ? from <= minutes && minutes < to : from <= minutes || minutes < to,
  );
}

function noHours(text: string): SafehouseError {
  return new SafehouseError("usage", `"${text}" are no hours`, {
    subject: text,
    advice: "Write them as 23:00-06:00",
  });
}
