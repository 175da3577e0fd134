import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { systemOptimal, weekdays, type Schedule } from "../model/schedule.ts";
import { latestRun, nextRun, runsBetween } from "./next-run.ts";

const minute = 60_000;
const day = 1440 * minute;
const seed = "home/nightly";
const exact = { zone: "Europe/Berlin", jitterMinutes: 0 };

function cron(expression: string, zone = "Europe/Berlin"): Schedule {
  return { recurrence: "cron", expression, zone, jitterMinutes: 0 };
}

function daily(time: string, zone: string): Schedule {
  return { recurrence: "daily", time, zone, jitterMinutes: 0 };
}

/** The next runs after a moment, as the zone's wall clock shows them. */
function wallTimes(schedule: Schedule, after: string, count: number): string[] {
  const found: string[] = [];
  let at: number | undefined = Date.parse(after);
  for (let n = 0; n < count && at !== undefined; n += 1) {
    at = nextRun(schedule, at, seed);
    if (at === undefined) break;
    const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(schedule.zone);
    found.push(local.toString({ smallestUnit: "minute", timeZoneName: "never" }));
  }
  return found;
}

test("02:30 runs once on the day that has no 02:30, at the end of the gap", () => {
  assert.deepEqual(wallTimes(daily("02:30", "Europe/Berlin"), "2026-03-27T12:00Z", 3), [
    "2026-03-28T02:30+01:00",
    "2026-03-29T03:00+02:00",
    "2026-03-30T02:30+02:00",
  ]);
  assert.deepEqual(wallTimes(daily("02:30", "America/New_York"), "2026-03-07T12:00Z", 2), [
    "2026-03-08T03:00-04:00",
    "2026-03-09T02:30-04:00",
  ]);
});

test("a time that the clock shows twice runs once, the first time", () => {
  assert.deepEqual(wallTimes(daily("02:30", "Europe/Berlin"), "2026-10-24T12:00Z", 2), [
    "2026-10-25T02:30+02:00",
    "2026-10-26T02:30+01:00",
  ]);
  assert.deepEqual(wallTimes(daily("01:30", "America/New_York"), "2026-10-31T12:00Z", 2), [
    "2026-11-01T01:30-04:00",
    "2026-11-02T01:30-05:00",
  ]);
});

test("a restart between both 02:30 does not run the second one", () => {
  for (const restart of ["2026-10-25T00:45Z", "2026-10-25T01:10Z"]) {
    assert.deepEqual(wallTimes(daily("02:30", "Europe/Berlin"), restart, 1), [
      "2026-10-26T02:30+01:00",
    ]);
  }
});

test("croner loses a day of Greenland, where the gap reaches into the next day; this does not", () => {
  assert.deepEqual(wallTimes(daily("23:30", "America/Nuuk"), "2026-03-28T12:00Z", 2), [
    "2026-03-29T00:00-01:00",
    "2026-03-29T23:30-01:00",
  ]);
});

test("a gap at midnight stays within its day, and half an hour is a gap, too", () => {
  assert.deepEqual(wallTimes(daily("00:30", "Africa/Cairo"), "2026-04-23T12:00Z", 2), [
    "2026-04-24T01:00+03:00",
    "2026-04-25T00:30+03:00",
  ]);
  assert.deepEqual(wallTimes(daily("02:15", "Australia/Lord_Howe"), "2026-10-03T00:00Z", 2), [
    "2026-10-04T02:30+11:00",
    "2026-10-05T02:15+11:00",
  ]);
});

test("a date that a zone left out has no run", () => {
  assert.deepEqual(wallTimes(daily("10:00", "Pacific/Apia"), "2011-12-29T00:00Z", 2), [
    "2011-12-29T10:00-10:00",
    "2011-12-31T10:00+14:00",
  ]);
});

test("weekdays run on their days only", () => {
  const schedule: Schedule = {
    ...exact,
    recurrence: "weekdays",
    days: ["mon", "sun"],
    time: "04:45",
  };
  assert.deepEqual(wallTimes(schedule, "2026-03-26T00:00Z", 3), [
    "2026-03-29T04:45+02:00",
    "2026-03-30T04:45+02:00",
    "2026-04-05T04:45+02:00",
  ]);
});

test("the last day of a month is the 28th, 29th, 30th or 31st", () => {
  const schedule: Schedule = { ...exact, recurrence: "monthly", day: "last", time: "23:15" };
  const dates = wallTimes(schedule, "2028-01-01T00:00Z", 4).map((time) => time.slice(5, 10));
  assert.deepEqual(dates, ["01-31", "02-29", "03-31", "04-30"]);
  assert.deepEqual(wallTimes({ ...schedule, day: 28 }, "2027-02-01T00:00Z", 1), [
    "2027-02-28T23:15+01:00",
  ]);
});

test("the 31st waits for a month that has one, and 29 February for its year", () => {
  const dates = (expression: string): string[] =>
    wallTimes(cron(expression, "UTC"), "2096-03-01T00:00Z", 3).map((time) => time.slice(0, 10));
  assert.deepEqual(dates("0 0 31 * *"), ["2096-03-31", "2096-05-31", "2096-07-31"]);
  assert.deepEqual(dates("0 0 29 2 *"), ["2104-02-29", "2108-02-29", "2112-02-29"]);
});

test("every half hour stays every half hour when clocks change", () => {
  const half = cron("*/30 * * * *");
  for (const start of ["2026-10-24T22:00Z", "2026-03-28T23:00Z"]) {
    const from = Date.parse(start);
    const runs = runsBetween(half, { from, to: from + day / 2 }, seed);
    assert.deepEqual(
      runs,
      Array.from({ length: 24 }, (_, at) => from + (at + 1) * 1_800_000),
    );
  }
});

test("croner loses 10,40 2 * * * in spring; here both times together run once", () => {
  assert.deepEqual(wallTimes(cron("10,40 2 * * *"), "2026-03-28T12:00Z", 2), [
    "2026-03-29T03:00+02:00",
    "2026-03-30T02:10+02:00",
  ]);
  assert.deepEqual(wallTimes(cron("0 2,3 * * *"), "2026-03-28T12:00Z", 2), [
    "2026-03-29T03:00+02:00",
    "2026-03-30T02:00+02:00",
  ]);
  const from = Date.parse("2026-03-28T12:00Z");
  assert.equal(runsBetween(cron("10,40 2 * * *"), { from, to: from + day }, seed).length, 1);
});

test("the system optimal time lies from 04:45 to 05:45, and differs from day to day and home to home", () => {
  const schedule = daily(systemOptimal, "Europe/Berlin");
  const delays = ["one home", "another home"].map((home) =>
    runsBetween(schedule, { from: Date.UTC(2026, 3), to: Date.UTC(2026, 9) }, home).map(
      (run) => (run % day) / 1000 - (2 * 60 + 45) * 60,
    ),
  );
  for (const list of delays) {
    assert.equal(list.length, 183);
    assert.ok(list.every((seconds) => seconds >= 0 && seconds <= 3600));
    const quarters = [0, 900, 1800, 2700].map(
      (least) => list.filter((seconds) => seconds >= least && seconds < least + 900).length,
    );
    assert.ok(
      quarters.every((count) => count > 20),
      `spread unevenly: ${quarters.join(", ")}`,
    );
  }
  const [one = [], other = []] = delays;
  assert.ok(one.filter((seconds, at) => seconds === other[at]).length < 5);
});

test("jitter never moves a run as far as the next one", () => {
  const schedule = { ...cron("*/5 * * * *"), jitterMinutes: 180 };
  const from = Date.UTC(2026, 5);
  const runs = runsBetween(schedule, { from, to: from + 3_600_000 }, seed);
  assert.deepEqual(
    runs.map((run) => Math.floor((run - from) / 300_000)).filter((slot) => slot > 0),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  );
});

const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Nuuk", "UTC"];
const times = fc.oneof(
  fc.constant(systemOptimal),
  // Mostly the hours in which clocks change.
  fc
    .tuple(fc.constantFrom(0, 1, 2, 3, 12, 23), fc.nat(59))
    .map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":")),
);
const common = {
  zone: fc.constantFrom(...zones),
  jitterMinutes: fc.constantFrom(0, 0, 7, 180),
};
const timed = fc.oneof(
  fc.record({ ...common, recurrence: fc.constant("daily" as const), time: times }),
  fc.record({
    ...common,
    recurrence: fc.constant("weekdays" as const),
    time: times,
    days: fc.subarray([...weekdays], { minLength: 1 }),
  }),
  fc.record({
    ...common,
    recurrence: fc.constant("monthly" as const),
    time: times,
    day: fc.oneof(fc.integer({ min: 1, max: 28 }), fc.constant("last" as const)),
  }),
);
const anyCron = fc.record({
  ...common,
  recurrence: fc.constant("cron" as const),
  expression: fc.constantFrom(
    "*/20 * * * *",
    "30 */2 * * *",
    "15 1-3 * * *",
    "*/25 2 * * *",
    "0 5 31 * *",
    "30 1 * 3,10,11 sun",
    "0 3 13 * fri",
    "45 23 L * *",
    "10 4 15W * *",
    "0 0 * * 5#2",
  ),
});
const schedules: fc.Arbitrary<Schedule> = fc.oneof(timed, anyCron);
/** Around both changes of the clock as often as elsewhere. */
const moments = fc.oneof(
  fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) }),
  fc
    .tuple(
      fc.constantFrom(Date.UTC(2026, 2, 8), Date.UTC(2026, 2, 29), Date.UTC(2026, 9, 25)),
      fc.integer({ min: -day, max: day }),
    )
    .map(([change, offset]) => change + offset),
);

test("the next run is strictly later, and asking earlier does not skip it", () => {
  fc.assert(
    fc.property(schedules, moments, fc.nat(day), (schedule, after, earlier) => {
      const run = nextRun(schedule, after, seed) ?? Number.NaN;
      assert.ok(run > after);
      const before = nextRun(schedule, after - earlier, seed) ?? Number.NaN;
      assert.ok(before <= run);
      if (before > after) assert.equal(before, run);
      assert.equal(nextRun(schedule, run - 1, seed), run);
    }),
    { numRuns: loops(400) },
  );
});

test("listing runs is the same as asking for the next again and again", () => {
  fc.assert(
    fc.property(schedules, moments, fc.nat(12 * day), (schedule, from, length) => {
      const to = from + (schedule.recurrence === "cron" ? Math.floor(length / 4) : length * 4);
      const asked: number[] = [];
      let run = nextRun(schedule, from, seed);
      for (; run !== undefined && run <= to; run = nextRun(schedule, run, seed)) asked.push(run);
      assert.deepEqual(runsBetween(schedule, { from, to }, seed), asked);
      assert.equal(latestRun(schedule, { from, to }, seed), asked.at(-1));
    }),
    { numRuns: loops(100) },
  );
});

test("a daily plan runs once on each day, at its time or, if there is no such time, right after the gap", () => {
  fc.assert(
    fc.property(timed, moments, (given, from) => {
      const schedule: Schedule = {
        recurrence: "daily",
        time: given.time === systemOptimal ? "02:59" : given.time,
        zone: given.zone,
        jitterMinutes: 0,
      };
      const local = runsBetween(schedule, { from, to: from + 400 * day }, seed).map((run) =>
        Temporal.Instant.fromEpochMilliseconds(run).toZonedDateTimeISO(schedule.zone),
      );
      assert.ok(local.length >= 399 && local.length <= 401, String(local.length));
      for (const [at, run] of local.entries()) {
        const wanted = run.toPlainTime().equals(schedule.time);
        const afterGap = run.add({ nanoseconds: -1 }).offset !== run.offset;
        assert.ok(wanted || afterGap, run.toString());
        const previous = local[at - 1];
        if (previous === undefined || afterGap) continue;
        const days = previous.toPlainDate().until(run.toPlainDate()).days;
        // In Greenland the run of the day before may have been moved past midnight.
        assert.equal(days === 0 ? previous.hour : days, days === 0 ? 0 : 1, run.toString());
      }
    }),
    { numRuns: loops(40) },
  );
});

/** Every minute of a stretch at which the zone's wall clock is as `matches` wants it. */
function minutesAt(
  zone: string,
  { from, to }: { from: number; to: number },
  matches: (time: Temporal.ZonedDateTime) => boolean,
): number[] {
  const first = Math.floor(from / minute) + 1;
  return Array.from({ length: Math.floor(to / minute) - first + 1 }, (_, at) =>
    Temporal.Instant.fromEpochMilliseconds((first + at) * minute).toZonedDateTimeISO(zone),
  )
    .filter(matches)
    .map((time) => time.epochMilliseconds);
}

test("a cron expression runs at the minutes that match, and at no others", () => {
  const stretch = fc.tuple(moments, fc.integer({ min: 1, max: 5 * day }));
  fc.assert(
    fc.property(
      fc.nat(59),
      fc.integer({ min: 4, max: 21 }),
      stretch,
      (at, hour, [from, length]) => {
        const to = from + length;
        assert.deepEqual(
          runsBetween(cron(`${at} ${hour} * * mon,3`), { from, to }, seed),
          minutesAt("Europe/Berlin", { from, to }, (time) => {
            const onTime = time.minute === at && time.hour === hour;
            return onTime && (time.dayOfWeek === 1 || time.dayOfWeek === 3);
          }),
        );
      },
    ),
    { numRuns: loops(20) },
  );
});

test("every so many minutes or hours, all that the clock shows counts, be it twice", () => {
  const forms = fc.constantFrom(
    { expression: "*/20 * * * *", matches: (time: Wall) => time.minute % 20 === 0 },
    {
      expression: "30 */2 * * *",
      matches: (time: Wall) => time.minute === 30 && time.hour % 2 === 0,
    },
    {
      expression: "45 * * * sun",
      matches: (time: Wall) => time.minute === 45 && time.dayOfWeek === 7,
    },
  );
  fc.assert(
    fc.property(
      forms,
      fc.constantFrom(...zones),
      moments,
      ({ expression, matches }, zone, from) => {
        const stretch = { from, to: from + 3 * day };
        assert.deepEqual(
          runsBetween(cron(expression, zone), stretch, seed),
          minutesAt(zone, stretch, matches),
        );
      },
    ),
    { numRuns: loops(40) },
  );
});

type Wall = Temporal.ZonedDateTime;
