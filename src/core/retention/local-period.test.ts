import assert from "node:assert/strict";
import { test } from "node:test";
import { localPeriod } from "./local-period.ts";
import type { GenerationName } from "./retention-rule.ts";

const anchors = { weekly: 7, monthly: 31, yearly: 366 };

function periodOf(generation: GenerationName, instant: string, zone = "Europe/Berlin"): string {
  const local = Temporal.Instant.from(instant).toZonedDateTimeISO(zone);
  return localPeriod(generation, local, anchors).name;
}

/** The days in the order in which they would stand for their period, best first. */
function preference(
  generation: GenerationName,
  days: readonly string[],
  anchor: Partial<typeof anchors>,
): string[] {
  const distance = (day: string): number =>
    localPeriod(
      generation,
      Temporal.PlainDate.from(day).toZonedDateTime({
        timeZone: "Europe/Berlin",
        plainTime: "12:00",
      }),
      { ...anchors, ...anchor },
    ).distance;
  return days.toSorted((a, b) => distance(a) - distance(b));
}

test("days begin at midnight of the zone, on the days of a change as well", () => {
  assert.equal(periodOf("daily", "2026-07-01T21:59:59Z"), "2026-07-01");
  assert.equal(periodOf("daily", "2026-07-01T22:00:00Z"), "2026-07-02");
  // Spring forward and fall back in Berlin: 23 and 25 hours.
  assert.equal(periodOf("daily", "2026-03-28T23:00:00Z"), "2026-03-29");
  assert.equal(periodOf("daily", "2026-03-29T21:59:59Z"), "2026-03-29");
  assert.equal(periodOf("daily", "2026-10-24T22:00:00Z"), "2026-10-25");
  assert.equal(periodOf("daily", "2026-10-25T22:59:59Z"), "2026-10-25");
  // In New York.
  assert.equal(periodOf("daily", "2026-03-08T05:00:00Z", "America/New_York"), "2026-03-08");
  assert.equal(periodOf("daily", "2026-03-09T03:59:59Z", "America/New_York"), "2026-03-08");
  assert.equal(periodOf("daily", "2026-11-01T04:00:00Z", "America/New_York"), "2026-11-01");
  assert.equal(periodOf("daily", "2026-11-02T04:59:59Z", "America/New_York"), "2026-11-01");
});

test("the hour that a clock shows twice is two hours", () => {
  assert.equal(periodOf("hourly", "2026-10-25T00:30:00Z"), "2026-10-25T02:00+02:00");
  assert.equal(periodOf("hourly", "2026-10-25T01:30:00Z"), "2026-10-25T02:00+01:00");
  const hours = (zone: string, start: string): number =>
    new Set(
      Array.from({ length: 25 * 4 }, (_, quarter) => {
        const instant = Temporal.Instant.from(start).add({ minutes: quarter * 15 });
        return periodOf("hourly", instant.toString(), zone);
      }),
    ).size;
  assert.equal(hours("Europe/Berlin", "2026-10-24T22:00:00Z"), 25);
  assert.equal(hours("America/New_York", "2026-11-01T04:00:00Z"), 25);
});

test("hours of zones with half an hour begin when their clock shows it", () => {
  assert.equal(
    periodOf("hourly", "2026-06-01T04:29:00Z", "Asia/Kolkata"),
    "2026-06-01T09:00+05:30",
  );
  assert.equal(
    periodOf("hourly", "2026-06-01T04:30:00Z", "Asia/Kolkata"),
    "2026-06-01T10:00+05:30",
  );
});

test("a week around New Year is one week, named with its own year", () => {
  const days = [
    ["2024-12-29", "2024-W52"],
    ["2024-12-30", "2025-W01"],
    ["2025-01-05", "2025-W01"],
    ["2025-01-06", "2025-W02"],
    ["2026-12-31", "2026-W53"],
    ["2027-01-03", "2026-W53"],
    ["2027-01-04", "2027-W01"],
    ["2022-01-01", "2021-W52"],
  ] as const;
  for (const [day, week] of days) assert.equal(periodOf("weekly", `${day}T12:00:00Z`), week);
});

test("OneDrive backup add-on: week 47 and November of two years are two weeks and two months", () => {
  assert.notEqual(periodOf("weekly", "2025-11-20T12:00Z"), periodOf("weekly", "2026-11-19T12:00Z"));
  assert.equal(periodOf("weekly", "2025-11-20T12:00Z"), "2025-W47");
  assert.equal(periodOf("weekly", "2026-11-19T12:00Z"), "2026-W47");
  assert.notEqual(
    periodOf("monthly", "2025-11-20T12:00Z"),
    periodOf("monthly", "2026-11-20T12:00Z"),
  );
});

test("OneDrive backup add-on: weeks begin on Monday, whatever the machine's language", () => {
  assert.equal(periodOf("weekly", "2026-11-22T12:00Z"), "2026-W47");
  assert.equal(periodOf("weekly", "2026-11-23T12:00Z"), "2026-W48");
  assert.equal(periodOf("weekly", "2026-11-22T12:00Z", "America/New_York"), "2026-W47");
  assert.equal(periodOf("weekly", "2026-11-23T12:00Z", "America/New_York"), "2026-W48");
});

test("months and years change at midnight of the zone", () => {
  assert.equal(periodOf("monthly", "2026-10-31T22:59:59Z"), "2026-10");
  assert.equal(periodOf("monthly", "2026-10-31T23:00:00Z"), "2026-11");
  assert.equal(periodOf("yearly", "2026-12-31T22:59:59Z"), "2026");
  assert.equal(periodOf("yearly", "2026-12-31T23:00:00Z"), "2027");
});

test("the first day from the anchor on stands for a period, then the last one before it", () => {
  const week = ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20", "2026-11-22"];
  assert.deepEqual(preference("weekly", week, { weekly: 3 }), [
    "2026-11-18",
    "2026-11-19",
    "2026-11-20",
    "2026-11-22",
    "2026-11-17",
    "2026-11-16",
  ]);
});

test("without an anchor the last day stands for a period", () => {
  const days = ["2026-11-20", "2026-11-16", "2026-11-22"];
  for (const generation of ["weekly", "monthly", "yearly"] as const)
    assert.equal(preference(generation, days, {})[0], "2026-11-22");
});

test("Google Drive add-on: an anchor that a short month lacks is its last day, not its first", () => {
  for (const monthly of [29, 30, 31]) {
    const february = ["2026-02-01", "2026-02-27", "2026-02-28"];
    assert.equal(preference("monthly", february, { monthly })[0], "2026-02-28");
  }
  assert.equal(
    preference("monthly", ["2028-02-28", "2028-02-29"], { monthly: 31 })[0],
    "2028-02-29",
  );
  assert.equal(
    preference("monthly", ["2028-02-28", "2028-02-29"], { monthly: 28 })[0],
    "2028-02-28",
  );
});

test("day 366 is the last day of every year", () => {
  assert.equal(
    preference("yearly", ["2026-01-01", "2026-12-31"], { yearly: 366 })[0],
    "2026-12-31",
  );
  assert.equal(
    preference("yearly", ["2028-12-30", "2028-12-31"], { yearly: 366 })[0],
    "2028-12-31",
  );
  assert.equal(
    preference("yearly", ["2028-12-30", "2028-12-31"], { yearly: 365 })[0],
    "2028-12-30",
  );
});
