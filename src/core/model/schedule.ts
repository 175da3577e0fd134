/** Days of the week as Home Assistant spells them, Monday first. */
export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

/**
 * `HH:MM`, or Home Assistant's "system optimal" time: some time from 04:45 to 05:45, another one each
 * day, so that not every home writes to the same cloud in the same second.
 */
export type TimeOfDay = string;
export const systemOptimal = "system-optimal";

/** When a plan runs by itself, by the wall clock of a time zone. */
export type Schedule = ScheduleZone &
  (
    | { readonly recurrence: "daily"; readonly time: TimeOfDay }
    | {
        readonly recurrence: "weekdays";
        readonly days: readonly Weekday[];
        readonly time: TimeOfDay;
      }
    | {
        readonly recurrence: "monthly";
        /** 1 to 28, which every month has, or its last day. */
        readonly day: number | "last";
        readonly time: TimeOfDay;
      }
    | {
        readonly recurrence: "cron";
        /** Minute, hour, day of the month, month, day of the week. */
        readonly expression: string;
      }
  );

interface ScheduleZone {
  /** Name in the IANA database, such as `Europe/Berlin`. */
  readonly zone: string;
  /** Runs start up to so many minutes late, by chance; 0: at the very second. */
  readonly jitterMinutes: number;
}
