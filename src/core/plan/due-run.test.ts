import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import type { Schedule } from "../model/schedule.ts";
import { nextRun } from "../schedule/next-run.ts";
import { dueRun, type LastRun, type PlanHistory } from "./due-run.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const seed = "home/nightly";

function planFor(schedule: Schedule | undefined, catchUp = true) {
  return { enabled: true, schedule, catchUp };
}

const nightly = planFor({ recurrence: "daily", time: "04:45", zone: "UTC", jitterMinutes: 0 });
const withoutCatchUp = { ...nightly, catchUp: false };
const longAgo = Date.parse("2025-01-01T00:00Z");

function history(lastRun?: LastRun, since = longAgo): PlanHistory {
  return { since, lastRun, seed };
}

function ran(at: string, state: "succeeded" | "cancelled" | "running" = "succeeded"): LastRun {
  return { state, startedAt: Date.parse(at) };
}

/** A run of five minutes that failed. */
function failed(at: string, failures = 1): LastRun {
  const startedAt = Date.parse(at);
  return { state: "failed", startedAt, endedAt: startedAt + 5 * minute, failures };
}

function decide(plan: typeof nightly, past: PlanHistory, now: string): string {
  const decision = dueRun(plan, past, Date.parse(now));
  const at = decision.run ? decision.dueAt : decision.nextAt;
  const time = at === undefined ? "never" : new Date(at).toISOString().slice(0, 16);
  return `${decision.run ? "run" : "wait"} ${decision.reason} ${time}`;
}

test("runs at its time, and then not before the next", () => {
  const past = history(ran("2026-05-01T04:45Z"));
  assert.equal(decide(nightly, past, "2026-05-02T04:44Z"), "wait not-due 2026-05-02T04:45");
  assert.equal(decide(nightly, past, "2026-05-02T04:45Z"), "run scheduled 2026-05-02T04:45");
  assert.equal(decide(nightly, past, "2026-05-02T05:00Z"), "run scheduled 2026-05-02T04:45");
  const after = history(ran("2026-05-02T04:45:01Z"));
  assert.equal(decide(nightly, after, "2026-05-02T04:50Z"), "wait not-due 2026-05-03T04:45");
});

test("a week without power is made up for by one run", () => {
  const past = history(ran("2026-05-01T04:45Z"));
  assert.equal(decide(nightly, past, "2026-05-08T12:00Z"), "run missed 2026-05-08T04:45");
  const after = history(ran("2026-05-08T12:00:01Z"));
  assert.equal(decide(nightly, after, "2026-05-08T12:20Z"), "wait not-due 2026-05-09T04:45");
});

test("without catching up a start at noon runs nothing, and a start in time does", () => {
  const past = history(ran("2026-05-01T04:45Z"));
  assert.equal(decide(withoutCatchUp, past, "2026-05-08T12:00Z"), "wait not-due 2026-05-09T04:45");
  assert.equal(decide(withoutCatchUp, past, "2026-05-08T04:55Z"), "run scheduled 2026-05-08T04:45");
});

test("a plan made at noon has missed nothing this morning", () => {
  const past = history(undefined, Date.parse("2026-05-01T12:00Z"));
  assert.equal(decide(nightly, past, "2026-05-01T12:00Z"), "wait not-due 2026-05-02T04:45");
  assert.equal(decide(nightly, past, "2026-05-02T06:00Z"), "run missed 2026-05-02T04:45");
});

test("a run that was asked for deals with what was missed, and not with what comes later", () => {
  const past = history(ran("2026-05-02T04:30Z"));
  assert.equal(decide(nightly, past, "2026-05-02T04:45Z"), "run scheduled 2026-05-02T04:45");
  const later = history(ran("2026-05-02T05:30Z"));
  assert.equal(decide(nightly, later, "2026-05-02T06:00Z"), "wait not-due 2026-05-03T04:45");
});

test("does not run beside itself, when disabled or without a schedule", () => {
  const past = history(ran("2026-05-01T04:45Z", "running"));
  assert.equal(decide(nightly, past, "2026-05-08T12:00Z"), "wait running never");
  const stopped = { ...nightly, enabled: false };
  assert.equal(decide(stopped, history(), "2026-05-08T12:00Z"), "wait disabled never");
  const onDemand = planFor(undefined);
  const failedOnce = history(failed("2026-05-08T04:45Z"));
  assert.equal(decide(onDemand, failedOnce, "2026-05-08T12:00Z"), "wait no-schedule never");
});

test("Home Assistant waits for the next day after a failure; this tries again after ten minutes", () => {
  const past = history(failed("2026-05-01T04:45Z"));
  assert.equal(decide(nightly, past, "2026-05-01T04:51Z"), "wait retry-later 2026-05-01T05:00");
  assert.equal(decide(nightly, past, "2026-05-01T05:00Z"), "run retry 2026-05-01T05:00");
});

test("what was cancelled is not tried again", () => {
  const past = history(ran("2026-05-01T04:45Z", "cancelled"));
  assert.equal(decide(nightly, past, "2026-05-01T12:00Z"), "wait not-due 2026-05-02T04:45");
});

test("a retry that is nearer to the next run than to the failure is left to that run", () => {
  const past = history(failed("2026-05-02T04:30Z"));
  assert.equal(decide(nightly, past, "2026-05-02T04:36Z"), "wait not-due 2026-05-02T04:45");
});

test("without catching up a retry is not made up for either", () => {
  const past = history(failed("2026-05-01T04:45Z"));
  assert.equal(decide(withoutCatchUp, past, "2026-05-01T05:05Z"), "run retry 2026-05-01T05:00");
  assert.equal(decide(withoutCatchUp, past, "2026-05-01T12:00Z"), "wait not-due 2026-05-02T04:45");
});

test("a failure is forgotten by a plan that was disabled over its next run, and not by one changed at once", () => {
  const past = failed("2026-05-01T04:45Z");
  const enabled = history(past, Date.parse("2026-06-01T12:00Z"));
  assert.equal(decide(nightly, enabled, "2026-06-01T12:00Z"), "wait not-due 2026-06-02T04:45");
  const mended = history(past, Date.parse("2026-05-01T08:00Z"));
  assert.equal(decide(nightly, mended, "2026-05-01T08:00Z"), "run retry 2026-05-01T05:00");
});

/** Lets a plan live: asks, sleeps until it shall ask again, and is restarted every hour at :30. */
function live(plan: typeof nightly, past: PlanHistory, stretch: { from: string; to: string }) {
  const to = Date.parse(stretch.to);
  const runs: number[] = [];
  let now = Date.parse(stretch.from);
  // A restart keeps nothing but what is stored.
  let stored = JSON.stringify(past);
  while (now < to) {
    const read = JSON.parse(stored) as PlanHistory;
    const decision = dueRun(plan, read, now);
    if (decision.run) {
      runs.push(now);
      stored = JSON.stringify({ ...read, lastRun: { state: "succeeded", startedAt: now } });
      now += 1000;
    } else {
      const restart = Math.floor(now / hour + 0.5) * hour + hour / 2;
      now = Math.min(decision.nextAt ?? restart, restart);
    }
  }
  return runs.map((run) => new Date(run).toISOString());
}

const year = { from: "2026-01-01T00:00:00Z", to: "2026-12-31T23:59:59Z" };

/** Every day of 2026 that `isDay` chooses, at the time in UTC that `timeOn` gives for it. */
function daysOfYear(isDay: (date: Date) => boolean, timeOn: (date: string) => string): string[] {
  return Array.from({ length: 365 }, (_, at) => new Date(Date.UTC(2026, 0, at + 1)))
    .filter(isDay)
    .map((date) => date.toISOString().slice(0, 10))
    .map((date) => `${date}T${timeOn(date)}:00.000Z`);
}

test("a year of 02:30 in Berlin, restarted every hour, is 365 runs at the right time", () => {
  const plan = planFor({
    recurrence: "daily",
    time: "02:30",
    zone: "Europe/Berlin",
    jitterMinutes: 0,
  });
  const expected = daysOfYear(
    () => true,
    (date) => {
      // At 01:00 UTC the clock jumps from 02:00 to 03:00.
      if (date === "2026-03-29") return "01:00";
      // On 25 October 02:30 comes at 00:30 and at 01:30 UTC; the first counts.
      return date > "2026-03-29" && date <= "2026-10-25" ? "00:30" : "01:30";
    },
  );
  assert.equal(expected.length, 365);
  assert.deepEqual(live(plan, history(undefined, Date.parse(year.from)), year), expected);
});

test("a year of Sundays and Wednesdays, 01:30 in New York, is 104 runs at the right time", () => {
  const plan = planFor({
    recurrence: "weekdays",
    days: ["wed", "sun"],
    time: "01:30",
    zone: "America/New_York",
    jitterMinutes: 0,
  });
  const expected = daysOfYear(
    (date) => date.getUTCDay() === 0 || date.getUTCDay() === 3,
    // Clocks change at 02:00 on the Sundays 8 March and 1 November; that one has 01:30 twice.
    (date) => (date > "2026-03-08" && date <= "2026-11-01" ? "05:30" : "06:30"),
  );
  assert.equal(expected.length, 104);
  assert.deepEqual(live(plan, history(undefined, Date.parse(year.from)), year), expected);
});

test("a year of last days of the month, 23:15 in Berlin, is twelve runs at the right time", () => {
  const plan = planFor({
    recurrence: "monthly",
    day: "last",
    time: "23:15",
    zone: "Europe/Berlin",
    jitterMinutes: 0,
  });
  assert.deepEqual(live(plan, history(undefined, Date.parse(year.from)), year), [
    "2026-01-31T22:15:00.000Z",
    "2026-02-28T22:15:00.000Z",
    "2026-03-31T21:15:00.000Z",
    "2026-04-30T21:15:00.000Z",
    "2026-05-31T21:15:00.000Z",
    "2026-06-30T21:15:00.000Z",
    "2026-07-31T21:15:00.000Z",
    "2026-08-31T21:15:00.000Z",
    "2026-09-30T21:15:00.000Z",
    "2026-10-31T22:15:00.000Z",
    "2026-11-30T22:15:00.000Z",
    "2026-12-31T22:15:00.000Z",
  ]);
});

test("restarts do not draw the system optimal time anew", () => {
  const schedule: Schedule = {
    recurrence: "daily",
    time: "system-optimal",
    zone: "Europe/Berlin",
    jitterMinutes: 30,
  };
  const spring = { from: "2026-03-01T00:00:00Z", to: "2026-05-01T00:00:00Z" };
  const runs = live(planFor(schedule), history(undefined, Date.parse(spring.from)), spring);
  assert.equal(runs.length, 61);
  for (const run of runs)
    assert.equal(nextRun(schedule, Date.parse(run) - 1, seed), Date.parse(run));
});

test("a plan that always fails is tried again in growing pauses, and soon only a few times a day", () => {
  const starts: string[] = [];
  let past = history(ran("2026-05-01T04:45Z"));
  let failures = 0;
  for (let now = Date.parse("2026-05-02T00:00Z"); now < Date.parse("2026-05-04T00:00Z");) {
    const decision = dueRun(nightly, past, now);
    if (decision.run) {
      starts.push(new Date(now).toISOString().slice(8, 16));
      failures += 1;
      past = history({ state: "failed", startedAt: now, endedAt: now + 5 * minute, failures });
      now += 5 * minute;
    } else now = decision.nextAt ?? Number.NaN;
  }
  assert.deepEqual(starts, [
    "02T04:45",
    "02T05:00",
    "02T05:25",
    "02T06:10",
    "02T07:35",
    "02T10:20",
    "02T15:45",
    "02T21:50",
    "03T04:45",
    "03T10:50",
    "03T16:55",
  ]);
});

const schedules = fc.constantFrom<Schedule>(
  { recurrence: "daily", time: "02:30", zone: "Europe/Berlin", jitterMinutes: 0 },
  { recurrence: "daily", time: "system-optimal", zone: "America/New_York", jitterMinutes: 60 },
  { recurrence: "monthly", day: "last", time: "23:59", zone: "Europe/Berlin", jitterMinutes: 0 },
  { recurrence: "cron", expression: "*/20 * * * *", zone: "America/New_York", jitterMinutes: 5 },
);
const now = Date.parse("2026-10-25T03:00Z");
const before = fc.integer({ min: now - 40 * day, max: now });
const lastRuns: fc.Arbitrary<LastRun | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.record({
    state: fc.constantFrom("succeeded" as const, "cancelled" as const),
    startedAt: before,
  }),
  fc
    .record({
      startedAt: before,
      length: fc.nat(5 * hour),
      failures: fc.integer({ min: 1, max: 99 }),
    })
    .map(({ startedAt, length, failures }) => ({
      state: "failed" as const,
      startedAt,
      endedAt: Math.min(now, startedAt + length),
      failures,
    })),
);

test("who asks again when told to is told to run, and who asks earlier is not", () => {
  fc.assert(
    fc.property(
      fc.record({ schedule: schedules, catchUp: fc.boolean(), enabled: fc.constant(true) }),
      fc.record({ lastRun: lastRuns, since: before, seed: fc.constant(seed) }),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      (plan, past, share) => {
        const decision = dueRun(plan, past, now);
        if (decision.run) {
          assert.ok(decision.dueAt <= now);
          assert.ok(decision.reason === "retry" || decision.dueAt > past.since);
          return;
        }
        const nextAt = decision.nextAt ?? Number.NaN;
        assert.ok(nextAt > now);
        assert.equal(dueRun(plan, past, nextAt).run, true);
        assert.equal(dueRun(plan, past, now + Math.floor(share * (nextAt - now))).run, false);
      },
    ),
    { numRuns: loops(300) },
  );
});

test("a failed run of any plan is tried again, or run as scheduled, within a day", () => {
  fc.assert(
    fc.property(schedules, fc.integer({ min: 1, max: 99 }), before, (schedule, failures, at) => {
      const past = history({ state: "failed", startedAt: at, endedAt: at + minute, failures });
      const decision = dueRun(planFor(schedule), past, at + minute);
      const again = decision.run ? decision.dueAt : (decision.nextAt ?? Number.NaN);
      assert.ok(again > at && again <= at + 25 * hour, new Date(again).toISOString());
      assert.ok(again <= (nextRun(schedule, at, seed) ?? 0));
    }),
    { numRuns: loops(300) },
  );
});

const jumps = fc.oneof(
  fc.constantFrom(365 * day, -365 * day, -hour, 20 * day, -2000, -30 * hour, -23 * hour),
  fc.integer({ min: -800 * day, max: 800 * day }),
);
const stretches = fc.array(
  fc.record({ jump: jumps, hours: fc.integer({ min: 1, max: 120 }), fails: fc.boolean() }),
  { minLength: 1, maxLength: 8 },
);

test("a clock that jumps or goes back causes neither a storm of runs nor none at all", () => {
  fc.assert(
    fc.property(stretches, (list) => {
      let clock = Date.parse("2026-05-01T00:00Z");
      let past = history(undefined, clock);
      let failures = 0;
      for (const { jump, hours, fails } of list) {
        clock += jump;
        let runs = 0;
        for (let step = 0; step < hours; step += 1, clock += hour) {
          if (!dueRun(nightly, past, clock).run) continue;
          runs += 1;
          failures = fails ? failures + 1 : 0;
          const lastRun: LastRun = fails
            ? { state: "failed", startedAt: clock, endedAt: clock + minute, failures }
            : { state: "succeeded", startedAt: clock };
          past = { ...past, lastRun };
        }
        const perDay = fails ? 8 : 1;
        const most = (Math.ceil(hours / 24) + 1) * perDay;
        assert.ok(runs <= most, `${runs} runs in ${hours} hours`);
        if (hours > 49) assert.ok(runs > 0, `no run in ${hours} hours`);
      }
    }),
    { numRuns: loops(50) },
  );
});

test("a clock set back by two seconds during a run does not run it again", () => {
  const past = history(ran("2026-05-01T04:45:01Z"));
  assert.equal(decide(nightly, past, "2026-05-01T04:44:59Z"), "wait not-due 2026-05-02T04:45");
  assert.equal(decide(nightly, past, "2026-05-01T04:45:00Z"), "wait not-due 2026-05-02T04:45");
});

test("a machine that once believed to be in 2030 backs up again in 2026", () => {
  const past = history(ran("2030-01-01T00:00Z"));
  assert.equal(decide(nightly, past, "2026-05-01T12:00Z"), "run missed 2026-05-01T04:45");
  const noFacts = history(ran("2030-01-01T00:00Z"), Date.parse("2030-01-01T00:00Z"));
  assert.equal(decide(nightly, noFacts, "2026-05-01T12:00Z"), "run missed 2026-05-01T04:45");
  const lazy = decide(withoutCatchUp, noFacts, "2026-05-01T12:00Z");
  assert.equal(lazy, "wait not-due 2026-05-02T04:45");
});
