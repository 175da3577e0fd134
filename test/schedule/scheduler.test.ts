import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { SchedulerBench } from "#test/scheduler-bench.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The bench's clock begins at 03:04:05 UTC on 2 January 2026. */
const nightly = { recurrence: "daily", time: "04:00", zone: "UTC" };

test("a year of three plans in two time zones runs by the wall clock, once on every day", async (context) => {
  const bench = new SchedulerBench(context);
  const berlin = { recurrence: "daily", time: "02:30", zone: "Europe/Berlin" };
  const newYork = { recurrence: "daily", time: "01:30", zone: "America/New_York" };
  const sundays = { recurrence: "weekdays", days: ["sun"], time: "02:30", zone: newYork.zone };
  await bench.addPlan("berlin", berlin);
  await bench.addPlan("new-york", newYork);
  await bench.addPlan("sundays", sundays);
  const { stop } = await bench.start();
  await bench.time.pass(365 * day);

  const from = Temporal.PlainDate.from("2026-01-02");
  const dates = Array.from({ length: 365 }, (_, days) => from.add({ days }));
  const berlinTimes = dates.slice(1).map((date) => {
    const isSummer = date.toString() >= "2026-03-29" && date.toString() <= "2026-10-25";
    // 02:30 is skipped in spring, and comes twice in autumn: the first time is still summer.
    const time = date.toString() === "2026-03-29" ? "03:00" : "02:30";
    return `${date.toString()}T${time}${isSummer ? "+02:00" : "+01:00"}`;
  });
  // The year ends at 03:04:05 UTC of 2 January 2027, which is 04:04 in Berlin and the day before in New York.
  assert.deepEqual(bench.timesOf("berlin", berlin.zone), [
    ...berlinTimes,
    "2027-01-02T02:30+01:00",
  ]);
  const newYorkTimes = dates.map((date) => {
    const isSummer = date.toString() > "2026-03-08" && date.toString() <= "2026-11-01";
    return `${date.toString()}T01:30${isSummer ? "-04:00" : "-05:00"}`;
  });
  assert.deepEqual(bench.timesOf("new-york", newYork.zone), newYorkTimes);
  const sundayTimes = dates
    .filter((date) => date.dayOfWeek === 7)
    .map((date) => {
      const isSummer = date.toString() >= "2026-03-08" && date.toString() < "2026-11-01";
      const time = date.toString() === "2026-03-08" ? "03:00" : "02:30";
      return `${date.toString()}T${time}${isSummer ? "-04:00" : "-05:00"}`;
    });
  assert.deepEqual(bench.timesOf("sundays", sundays.zone), sundayTimes);
  assert.ok(bench.runs.every(({ at, due, reason }) => at === due && reason === "scheduled"));
  await stop();
  assert.equal(bench.time.running, 0, "no timer is left");
  assert.deepEqual(bench.notices, []);
});

for (const end of ["stop", "kill"] as const) {
  test(`ten days with a ${end} and a start every hour lose no run and double none`, async (context) => {
    const bench = new SchedulerBench(context);
    // Restarts come at four minutes past: one plan is at work then, one at rest, one has just begun.
    await bench.addPlan("across", { recurrence: "daily", time: "05:54", zone: "UTC" });
    await bench.addPlan("between", { recurrence: "daily", time: "12:30", zone: "UTC" });
    await bench.addPlan("just-begun", {
      recurrence: "cron",
      expression: "4 20 * * *",
      zone: "UTC",
    });
    for (let restart = 0; restart < 240; restart += 1) {
      const started = await bench.start();
      await bench.time.pass(hour);
      if (end === "stop") await started.stop();
      else started.kill();
    }
    const whole = bench.runs.filter((run) => run.end === "succeeded");
    const days = Map.groupBy(whole, ({ plan, at }) => `${plan} ${Math.floor(at / day)}`);
    assert.equal(days.size, 30);
    assert.equal(whole.length, 30);
    const broken = bench.runs.filter((run) => run.end !== "succeeded");
    assert.deepEqual([...new Set(broken.map(({ plan }) => plan))].toSorted(), [
      "across",
      "just-begun",
    ]);
    if (end === "stop") assert.ok(broken.every((run) => run.end === "stopped"));
  });
}

test("whatever stops and starts it, each time that is due is dealt with once, and no run overlaps another", async (context) => {
  const life = fc.record({
    hours: fc.integer({ min: 0, max: 30 }),
    minutes: fc.integer({ min: 0, max: 59 }),
    end: fc.constantFrom("stop", "kill"),
    /** Without power afterwards. */
    away: fc.constantFrom(0, 1, 40),
  });
  const lives = fc.array(life, { maxLength: 12 });
  const fails = fc.array(fc.boolean(), { maxLength: 6 });
  const property = fc.asyncProperty(lives, fails, async (stretches, failing) => {
    const bench = new SchedulerBench(context);
    bench.ending = (run) => ({ outcome: failing[run] === true ? "failed" : "succeeded" });
    await bench.addPlan("six", {
      recurrence: "cron",
      expression: "10 0,6,12,18 * * *",
      zone: "UTC",
    });
    for (const { hours, minutes, end, away } of stretches) {
      const started = await bench.start();
      await bench.time.pass(hours * hour + minutes * minute);
      if (end === "stop") await started.stop();
      else started.kill();
      await bench.time.pass(away * hour);
    }
    const { stop } = await bench.start();
    await bench.time.pass(3 * day);
    await stop();
    const now = bench.time.clock.now();
    for (const [at, run] of bench.runs.entries())
      assert.ok((bench.runs[at - 1]?.until ?? 0) <= run.at, "runs overlap");
    const good = bench.runs.filter(({ end }) => end === "succeeded").map(({ at }) => at);
    const first = Date.UTC(2026, 0, 2, 6, 10);
    for (let due = first; due < now - day; due += 6 * hour) {
      // One success deals with all that was due until it began.
      assert.ok(good.some((at) => at >= due));
      const between = good.filter((at) => at >= due && at < due + 6 * hour);
      assert.ok(between.length <= 1, "a time was dealt with twice");
    }
  });
  await fc.assert(property, { numRuns: loops(25) });
});

test("a week without power is made up for by one run", async (context) => {
  const bench = new SchedulerBench(context);
  await bench.addPlan("nightly", nightly);
  await bench.time.pass(7 * day);
  const { stop } = await bench.start();
  await bench.time.pass(hour);
  await stop();
  assert.deepEqual(
    bench.runs.map(({ reason, end }) => [reason, end]),
    [
      ["missed", "succeeded"],
      ["scheduled", "stopped"],
    ],
  );
});

test("a run that fails or throws is tried again long before the next day", async (context) => {
  const bench = new SchedulerBench(context);
  bench.ending = (run) =>
    [{ outcome: "failed", message: "The disk is full" } as const, new Error("thrown")][run] ?? {
      outcome: "succeeded",
    };
  await bench.addPlan("nightly", nightly);
  const { stop } = await bench.start();
  await bench.time.pass(80 * minute);
  const { records, close } = bench.open();
  const record = await records.read("nightly");
  close();
  assert.deepEqual(
    [record?.lastRun?.state, record?.lastRun?.failures, record?.lastRun?.message],
    ["failed", 1, "The disk is full"],
  );
  await bench.time.pass(day - 80 * minute);
  await stop();
  // Each run takes 20 minutes; the pauses are 10 and 20.
  assert.deepEqual(bench.timesOf("nightly", "UTC"), [
    "2026-01-02T04:00+00:00",
    "2026-01-02T04:30+00:00",
    "2026-01-02T05:10+00:00",
  ]);
  assert.deepEqual(
    bench.runs.map(({ reason }) => reason),
    ["scheduled", "retry", "retry"],
  );
});

test("a cancelled run is not tried again", async (context) => {
  const bench = new SchedulerBench(context);
  bench.ending = () => ({ outcome: "cancelled" });
  await bench.addPlan("nightly", nightly);
  const { stop } = await bench.start();
  await bench.time.pass(20 * hour);
  await stop();
  assert.equal(bench.runs.length, 1);
});

test("a plan never runs beside itself, and different plans may run beside each other", async (context) => {
  const bench = new SchedulerBench(context);
  bench.lasts = 3 * hour;
  await bench.addPlan("hourly", { recurrence: "cron", expression: "0 * * * *", zone: "UTC" });
  await bench.addPlan("nightly", nightly);
  const { scheduler, stop } = await bench.start();
  await bench.time.pass(2 * hour);
  await assert.rejects(scheduler.run("hourly"), { problem: "busy" });
  await bench.time.pass(10 * hour);
  assert.deepEqual(
    bench.timesOf("hourly", "UTC").map((time) => time.slice(11, 16)),
    ["04:00", "07:00", "10:00", "13:00"],
    "one run deals with all that was due until it began",
  );
  assert.equal(bench.timesOf("nightly", "UTC").length, 1);
  await stop();
});

test("a stop cancels what is at work, waits for it, and leaves no timer", async (context) => {
  const bench = new SchedulerBench(context);
  await bench.addPlan("nightly", nightly);
  const { scheduler, stop } = await bench.start();
  await bench.time.pass(hour);
  assert.deepEqual(
    bench.runs.map(({ end }) => end),
    [undefined],
  );
  await stop();
  assert.equal(bench.runs[0]?.end, "stopped");
  assert.equal(bench.time.running, 0);
  await scheduler.refresh();
  assert.equal(bench.time.running, 0, "nothing comes after the end");
  await assert.rejects(scheduler.run("nightly"));
});

test("a run that is stopped with the program has not begun, and one that was killed has failed", async (context) => {
  const bench = new SchedulerBench(context);
  await bench.addPlan("nightly", nightly);
  const lastRun = async () => {
    const { records, close } = bench.open();
    const record = await records.read("nightly");
    close();
    return record?.lastRun;
  };
  const first = await bench.start();
  await bench.time.pass(hour);
  await first.stop();
  assert.equal(await lastRun(), undefined);
  const second = await bench.start();
  await bench.time.pass(minute);
  assert.deepEqual(
    bench.runs.map(({ reason, due }) => [reason, due]),
    [
      ["scheduled", bench.runs[0]?.due],
      ["scheduled", bench.runs[0]?.due],
    ],
    "it is begun again at once",
  );
  second.kill();
  assert.equal((await lastRun())?.state, "running");
  const third = await bench.start();
  const { state, failures, message } = (await lastRun()) ?? {};
  assert.deepEqual([state, failures, message], ["failed", 1, "The run was interrupted"]);
  await bench.time.pass(9 * minute);
  assert.equal(bench.runs.length, 2, "a machine that dies of a backup gets a pause");
  await bench.time.pass(2 * minute);
  assert.equal(bench.runs[2]?.reason, "retry");
  await third.stop();
});

test("a clock that is set is noticed within the hour", async (context) => {
  const bench = new SchedulerBench(context);
  await bench.addPlan("nightly", nightly);
  const { stop } = await bench.start();
  await bench.time.pass(2 * hour);
  assert.equal(bench.runs.length, 1);
  bench.time.setClock(3 * day);
  await bench.time.pass(hour);
  assert.deepEqual(
    bench.runs.map(({ reason }) => reason),
    ["scheduled", "missed"],
    "what was skipped is made up for, once",
  );
  bench.time.setClock(-12 * hour);
  await bench.time.pass(day);
  assert.equal(bench.runs.length, 2, "what comes again does not run again");
  await bench.time.pass(12 * hour);
  assert.deepEqual(
    bench.runs.map(({ reason }) => reason),
    ["scheduled", "missed", "scheduled"],
  );
  await stop();
});

test("a change of a plan counts at once when it is told, and within the hour when it is not", async (context) => {
  const bench = new SchedulerBench(context);
  const { scheduler, stop } = await bench.start();
  await bench.addPlan("nightly", nightly);
  await scheduler.refresh();
  await bench.time.pass(hour);
  assert.deepEqual(bench.timesOf("nightly", "UTC"), ["2026-01-02T04:00+00:00"]);
  const { store, close } = bench.open();
  await store.change("nightly", (document) => ({
    ...document,
    schedule: { ...nightly, time: "06:00" },
  }));
  close();
  await bench.time.pass(2 * hour);
  assert.deepEqual(bench.timesOf("nightly", "UTC").slice(1), ["2026-01-02T06:00+00:00"]);
  await stop();
});

test("a run that somebody asks for deals with what was due, also of a plan that is not enabled", async (context) => {
  const bench = new SchedulerBench(context);
  await bench.addPlan("nightly", nightly, { enabled: false });
  const { scheduler, stop } = await bench.start();
  assert.deepEqual(await bench.time.passUntil(scheduler.run("nightly")), { outcome: "succeeded" });
  await assert.rejects(scheduler.run("weekly"), { problem: "not-found" });
  const { records, close } = bench.open();
  assert.equal((await records.read("nightly"))?.lastRun?.reason, "asked");
  close();
  await bench.time.pass(2 * day);
  assert.equal(bench.runs.length, 1);
  await stop();
});

test("a run that is asked for while a look waits for a location is not taken for a dead one", async (context) => {
  const bench = new SchedulerBench(context);
  await bench.addPlan("lost", nightly);
  await bench.addPlan("asked", nightly);
  const { records, close } = bench.open();
  await records.change("lost", () => undefined);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  bench.lastBackupOf = () => promise;
  const { scheduler, looked, stop } = bench.startWithoutWaiting();
  const asked = scheduler.run("asked");
  await bench.time.pass(minute);
  resolve(undefined);
  await looked;
  assert.deepEqual(await bench.time.passUntil(asked), { outcome: "succeeded" });
  assert.deepEqual(
    bench.runs.map(({ plan, end }) => [plan, end]),
    [["asked", "succeeded"]],
  );
  assert.equal((await records.read("asked"))?.lastRun?.state, "succeeded");
  close();
  await stop();
});

test("after the state file is lost, plans go on from their last backups", async (context) => {
  const bench = new SchedulerBench(context);
  await bench.addPlan("nightly", nightly);
  await bench.addPlan("late", nightly);
  await bench.addPlan("fresh", nightly);
  await bench.time.pass(day);
  for (const suffix of ["", "-wal", "-shm"])
    rmSync(`${bench.dataDirectory}/safehouse.db${suffix}`, { force: true });
  const now = bench.time.clock.now();
  const backups = new Map([
    ["nightly", now - hour],
    ["late", now - 2 * day],
  ]);
  bench.lastBackupOf = async ({ id }) => backups.get(id);
  bench.lasts = minute;
  const { stop } = await bench.start();
  await bench.time.pass(30 * minute);
  assert.deepEqual(
    bench.runs.map(({ plan, reason }) => [plan, reason]),
    [["late", "missed"]],
  );
  await bench.time.pass(hour);
  assert.deepEqual(bench.runs.map(({ plan }) => plan).toSorted(), [
    "fresh",
    "late",
    "late",
    "nightly",
  ]);
  await stop();
});

test("a run whose process died has succeeded if its backup is there", async (context) => {
  const bench = new SchedulerBench(context);
  await bench.addPlan("nightly", nightly);
  const killed = await bench.start();
  await bench.time.pass(hour);
  killed.kill();
  const made = bench.runs[0]?.at ?? 0;
  bench.lastBackupOf = async () => made + 1;
  const { stop } = await bench.start();
  await bench.time.pass(20 * hour);
  await stop();
  assert.equal(bench.runs.length, 1);
});

test("a location that does not tell of backups does not keep plans from running", async (context) => {
  const bench = new SchedulerBench(context);
  await bench.addPlan("nightly", nightly);
  const killed = await bench.start();
  await bench.time.pass(hour);
  killed.kill();
  bench.lastBackupOf = async () => {
    throw new Error("The NAS is not there");
  };
  const { stop } = await bench.start();
  await bench.time.pass(hour);
  await stop();
  assert.deepEqual(
    bench.runs.map(({ reason }) => reason),
    ["scheduled", "retry"],
  );
  assert.match(bench.notices.join("\n"), /nightly.*The NAS is not there/u);
});

test("a damaged plan is told once, and does not keep the others from running", async (context) => {
  const bench = new SchedulerBench(context);
  await bench.addPlan("nightly", nightly);
  const { settings, close } = bench.open();
  await settings.decide("home", ({ plans }) => ({
    plans: [...(plans as unknown[]), { id: "broken" }],
  }));
  close();
  const { scheduler, stop } = await bench.start();
  await bench.time.pass(2 * day);
  await assert.rejects(scheduler.run("broken"), { problem: "usage" });
  await stop();
  assert.equal(bench.runs.length, 2);
  assert.equal(bench.notices.length, 1);
  assert.match(bench.notices[0] ?? "", /Plan broken cannot be read and does not run/u);
});

test("settings that cannot be read stop nothing for longer than they are so", async (context) => {
  const bench = new SchedulerBench(context);
  await bench.addPlan("nightly", nightly);
  const { settings, close } = bench.open();
  const good = await settings.read("home");
  await settings.change("home", { plans: "none" });
  const { stop } = await bench.start();
  await bench.time.pass(2 * hour);
  assert.equal(bench.runs.length, 0);
  assert.equal(bench.notices.length, 1, "it is not told every minute");
  await settings.change("home", good);
  await bench.time.pass(2 * minute);
  close();
  assert.deepEqual(
    bench.runs.map(({ reason }) => reason),
    ["missed"],
  );
  await stop();
});
