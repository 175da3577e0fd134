import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { SafehouseError } from "../model/problem.ts";
import { nextRun } from "./next-run.ts";
import { parseSchedule } from "./parse-schedule.ts";

const zone = "Europe/Berlin";

test("reads each kind of schedule, without jitter unless it is asked for", () => {
  const list = [
    { recurrence: "daily", time: "04:45", zone, jitterMinutes: 30 },
    { recurrence: "weekdays", days: ["mon", "fri"], time: "23:59", zone, jitterMinutes: 0 },
    { recurrence: "monthly", day: "last", time: "system-optimal", zone, jitterMinutes: 0 },
    { recurrence: "cron", expression: "*/15 0-6 * jan mon", zone, jitterMinutes: 0 },
  ];
  for (const schedule of list) assert.deepEqual(parseSchedule(schedule, "schedule"), schedule);
  assert.deepEqual(parseSchedule({ recurrence: "daily", time: "00:00", zone }, "schedule"), {
    recurrence: "daily",
    time: "00:00",
    zone,
    jitterMinutes: 0,
  });
});

test("brings the days of the week into order, each once", () => {
  const days = ["sun", "mon", "sun"];
  const schedule = parseSchedule({ recurrence: "weekdays", days, time: "04:45", zone }, "schedule");
  assert.deepEqual("days" in schedule && schedule.days, ["mon", "sun"]);
});

const daily = { recurrence: "daily", time: "04:45", zone };
const wrong: readonly (readonly [field: string, schedule: unknown])[] = [
  ["schedule", "daily"],
  ["schedule", []],
  ["schedule.recurrence", { time: "04:45", zone }],
  ["schedule.recurrence", { ...daily, recurrence: "hourly" }],
  ["schedule.time", { ...daily, time: "24:00" }],
  ["schedule.time", { ...daily, time: "4:45" }],
  ["schedule.time", { ...daily, time: 445 }],
  ["schedule.zone", { ...daily, zone: "Europe/Bonn" }],
  ["schedule.zone", { ...daily, zone: "+01:00" }],
  ["schedule.zone", { ...daily, zone: undefined }],
  ["schedule.jitterMinutes", { ...daily, jitterMinutes: -1 }],
  ["schedule.jitterMinutes", { ...daily, jitterMinutes: 181 }],
  ["schedule.jitterMinutes", { ...daily, jitterMinutes: 0.5 }],
  ["schedule.tiem", { ...daily, tiem: "04:45" }],
  ["schedule.days", { ...daily, days: ["mon"] }],
  ["schedule.days", { ...daily, recurrence: "weekdays" }],
  ["schedule.days", { ...daily, recurrence: "weekdays", days: [] }],
  ["schedule.days", { ...daily, recurrence: "weekdays", days: ["mon", "monday"] }],
  ["schedule.day", { ...daily, recurrence: "monthly", day: 29 }],
  ["schedule.day", { ...daily, recurrence: "monthly", day: 0 }],
];

for (const [field, schedule] of wrong) {
  test(`refuses ${JSON.stringify(schedule)} and names ${field}`, () => {
    assert.throws(() => parseSchedule(schedule, "schedule"), { problem: "usage", subject: field });
  });
}

test("a schedule with a field of another kind of schedule is told which it may have", () => {
  assert.throws(() => parseSchedule({ ...daily, expression: "* * * * *" }, "schedule"), {
    problem: "usage",
    advice: /There are recurrence, zone, jitterMinutes, time$/u,
  });
});

test("refuses cron expressions that mean nothing, never come, or depend on when they are read", () => {
  for (const expression of [
    "",
    "@daily",
    "? 2 * * *",
    "* * * *",
    "0 0 * * * *",
    "60 * * * *",
    "0 24 * * *",
    "5-1 * * * *",
    "*/0 * * * *",
    "0 0 30 2 *",
    "0 0 31 2,4,6,9,11 *",
    "0 0 * * 8",
    "a b c d e",
  ]) {
    assert.throws(
      () => parseSchedule({ recurrence: "cron", expression, zone }, "schedule"),
      { problem: "usage", subject: "schedule.expression" },
      expression,
    );
  }
});

test("any text is a schedule that has a next run, or a usage error", () => {
  const field = fc.oneof(
    fc.constantFrom(
      "*",
      "*/5",
      "1",
      "0",
      "L",
      "31",
      "1-5",
      "mon",
      "feb",
      "5#2",
      "15W",
      "LW",
      "2,4",
    ),
    fc.string({
      unit: fc.constantFrom("0", "1", "5", "*", "/", ",", "-", "#", "L", "W", "?", "@", " "),
    }),
  );
  const expressions = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(field, { minLength: 5, maxLength: 5 }).map((fields) => fields.join(" ")),
  );
  fc.assert(
    fc.property(expressions, (expression) => {
      try {
        const schedule = parseSchedule({ recurrence: "cron", expression, zone }, "schedule");
        assert.ok((nextRun(schedule, Date.UTC(2026, 0), "") ?? 0) > Date.UTC(2026, 0), expression);
      } catch (error) {
        assert.ok(error instanceof SafehouseError && error.problem === "usage", String(error));
      }
    }),
    { numRuns: loops(150) },
  );
});
