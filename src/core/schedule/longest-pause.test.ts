import assert from "node:assert/strict";
import { test } from "node:test";
import type { Schedule } from "../model/schedule.ts";
import { longestPauseInHours } from "./longest-pause.ts";
import { parseSchedule } from "./parse-schedule.ts";

const cases: readonly (readonly [hours: number, schedule: object])[] = [
  [25, { recurrence: "daily", time: "03:00" }],
  [26, { recurrence: "daily", time: "system-optimal" }],
  [27, { recurrence: "daily", time: "03:00", jitterMinutes: 90 }],
  [7 * 24 + 1, { recurrence: "weekdays", days: ["sun"], time: "03:00" }],
  [3 * 24 + 1, { recurrence: "weekdays", days: ["mon", "wed", "fri"], time: "03:00" }],
  [31 * 24 + 1, { recurrence: "monthly", day: 1, time: "03:00" }],
  [31 * 24 + 1, { recurrence: "monthly", day: "last", time: "03:00" }],
  [25, { recurrence: "cron", expression: "0 */6 * * *" }],
  [366 * 24 + 1, { recurrence: "cron", expression: "0 3 1 2 *" }],
  [275 * 24 + 1, { recurrence: "cron", expression: "0 3 * 6-8 *" }],
  [4 * 366 * 24 - 3 * 24 + 1, { recurrence: "cron", expression: "0 3 29 2 *" }],
];

for (const [hours, fields] of cases) {
  test(`${JSON.stringify(fields)} pauses for at most ${hours} hours`, () => {
    const schedule: Schedule = parseSchedule({ ...fields, zone: "Europe/Berlin" }, "schedule");
    assert.equal(longestPauseInHours(schedule), hours);
  });
}
