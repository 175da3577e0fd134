import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSchedule } from "./parse-schedule.ts";
import { wordSchedule } from "./word-schedule.ts";

const cases: readonly (readonly [words: string, schedule: object])[] = [
  ["every day at 03:00", { recurrence: "daily", time: "03:00" }],
  ["every day some time from 04:45 to 05:45", { recurrence: "daily", time: "system-optimal" }],
  ["every Sunday at 03:00", { recurrence: "weekdays", days: ["sun"], time: "03:00" }],
  [
    "every Monday, Wednesday and Friday at 03:00",
    { recurrence: "weekdays", days: ["fri", "mon", "wed"], time: "03:00" },
  ],
  ["on day 15 of each month at 03:00", { recurrence: "monthly", day: 15, time: "03:00" }],
  ["on the last day of each month at 03:00", { recurrence: "monthly", day: "last", time: "03:00" }],
  ["by cron expression 30 2 * * *", { recurrence: "cron", expression: "30 2 * * *" }],
];

for (const [words, fields] of cases) {
  test(`says: ${words}`, () => {
    const schedule = parseSchedule({ ...fields, zone: "Europe/Berlin" }, "schedule");
    assert.equal(wordSchedule(schedule), `${words} (Europe/Berlin)`);
  });
}

test("says how late chance may make a run, and that there is no schedule", () => {
  const fields = { recurrence: "daily", time: "03:00", zone: "UTC", jitterMinutes: 30 };
  assert.equal(
    wordSchedule(parseSchedule(fields, "schedule")),
    "every day at 03:00 (UTC), up to 30 minutes late by chance",
  );
  assert.equal(wordSchedule(undefined), "only when asked");
});
