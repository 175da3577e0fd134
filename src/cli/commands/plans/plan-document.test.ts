import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHomePlan } from "#core/plan/home-plan.ts";
import { changedDocument } from "./plan-document.ts";
import type { PlanFlags } from "./plan-options.ts";

const base = { id: "nightly", name: "Nightly" };

function change(document: object, flags: Partial<PlanFlags>) {
  const changed = changedDocument({ ...base, ...document }, { encryption: true, ...flags }, "UTC");
  return { document: changed, plan: parseHomePlan(changed) };
}

test("a plan of which nothing is said backs everything up when it is asked to", () => {
  const { plan } = change({}, {});
  assert.deepEqual(plan.selection, { include: "everything", except: [], database: true });
  assert.deepEqual([plan.schedule, plan.locations], [undefined, []]);
});

test("each way of saying when gives its schedule, in the zone of the machine", () => {
  const when = (flags: Partial<PlanFlags>) => change({}, flags).plan.schedule;
  const common = { zone: "UTC", jitterMinutes: 0 };
  assert.deepEqual(when({ daily: "03:00" }), { recurrence: "daily", time: "03:00", ...common });
  assert.deepEqual(when({ weekdays: ["Sun", "mon"], at: "04:00", zone: "Asia/Tokyo" }), {
    recurrence: "weekdays",
    days: ["mon", "sun"],
    time: "04:00",
    zone: "Asia/Tokyo",
    jitterMinutes: 0,
  });
  assert.deepEqual(when({ monthly: "last" }), {
    recurrence: "monthly",
    day: "last",
    time: "system-optimal",
    ...common,
  });
  assert.deepEqual(when({ cron: "30 2 * * *", jitter: "15" }), {
    recurrence: "cron",
    expression: "30 2 * * *",
    zone: "UTC",
    jitterMinutes: 15,
  });
});

test("a change leaves what it does not name", () => {
  const before = {
    selection: { include: "everything", except: ["media"], database: false },
    schedule: { recurrence: "daily", time: "03:00", zone: "Europe/Berlin", jitterMinutes: 5 },
    locations: [{ location: "nas", retention: { copies: 7, anchors: { weekly: 1 } } }],
    encryptionKey: "3f9a1c",
    verify: false,
    catchUp: false,
  };
  assert.deepEqual(change(before, {}).document, { ...base, ...before });
  const { document } = change(before, { weekdays: ["sun"], at: "04:00", database: true });
  assert.deepEqual(document["schedule"], {
    recurrence: "weekdays",
    days: ["sun"],
    time: "04:00",
    zone: "Europe/Berlin",
    jitterMinutes: 5,
  });
  assert.deepEqual(document["selection"], { ...before.selection, database: true });
  assert.deepEqual(change(before, { jitter: "0", zone: "UTC" }).plan.schedule, {
    recurrence: "daily",
    time: "03:00",
    zone: "UTC",
    jitterMinutes: 0,
  });
});

test("what is to be kept is said of the named locations, else of all", () => {
  const before = {
    schedule: { recurrence: "daily", time: "03:00", zone: "Europe/Berlin" },
    locations: [{ location: "nas", retention: { copies: 7, anchors: { weekly: 1 } } }],
  };
  const named = change(before, { location: ["cloud"], keepMonthly: "12", keepDays: "30" });
  assert.deepEqual(named.document["locations"], [
    before.locations[0],
    { location: "cloud", retention: { days: 30, generations: { monthly: 12 } } },
  ]);
  const all = change(named.document, { keepCopies: "3" });
  assert.deepEqual(all.document["locations"], [
    { location: "nas", retention: { copies: 3, anchors: { weekly: 1 } } },
    { location: "cloud", retention: { copies: 3 } },
  ]);
  const kept = change(all.document, { keepAll: true, removeLocation: ["nas"] });
  assert.deepEqual(kept.document["locations"], [{ location: "cloud" }]);
  const none = change(kept.document, { removeLocation: ["cloud"] });
  assert.deepEqual(none.plan.locations, []);
});

test("rules keep the time zone of a schedule that goes", () => {
  const before = {
    schedule: { recurrence: "daily", time: "03:00", zone: "Europe/Berlin" },
    locations: [{ location: "nas", retention: { copies: 7 } }, { location: "cloud" }],
  };
  const { plan } = change(before, { onRequest: true });
  assert.equal(plan.schedule, undefined);
  assert.deepEqual(
    plan.locations.map(({ retention }) => retention?.zone),
    ["Europe/Berlin", undefined],
  );
});

test("parts that are named take the place of everything, and the other way round", () => {
  const listed = change({}, { include: ["ssl", "media"] });
  assert.deepEqual(listed.plan.selection.include, ["ssl", "media"]);
  assert.throws(() => change(listed.document, { except: ["media"] }), { problem: "usage" });
  const again = change(listed.document, { everything: true, except: ["share"] });
  assert.deepEqual(again.plan.selection, {
    include: "everything",
    except: ["share"],
    database: true,
  });
});

test("flags that exclude each other, or make no sense alone, are refused", () => {
  const refused: readonly Partial<PlanFlags>[] = [
    { daily: "03:00", cron: "0 3 * * *" },
    { daily: "03:00", at: "04:00" },
    { everything: true, include: ["ssl"] },
    { key: "3f9a1c", encryption: false },
    { location: ["nas"], keepAll: true, keepCopies: "3" },
    { at: "04:00" },
    { jitter: "5" },
    { keepCopies: "3" },
    { daily: "03:00", jitter: "ten" },
    { location: ["nas"], keepDaily: "0" },
  ];
  for (const flags of refused)
    assert.throws(() => change({}, flags), { problem: "usage" }, JSON.stringify(flags));
  assert.throws(() => change({}, { removeLocation: ["nas"] }), { problem: "not-found" });
});
