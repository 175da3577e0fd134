import assert from "node:assert/strict";
import { test } from "node:test";
import type { AlertNews, OpenAlert } from "#core/alerts/alert.ts";
import { newAlert } from "#core/alerts/new-alert.ts";
import type { Run, StepState } from "#core/model/run.ts";
import { newRun } from "#core/run/new-run.ts";
import { day, someError, someTime } from "#test/alert-facts.ts";
import { someOwner } from "#test/any-run.ts";
import { notifyOfAlert } from "./notify-of-alert.ts";
import { notifyOfRun } from "./notify-of-run.ts";
import { wantsNotification } from "./wants-notification.ts";

const alert: OpenAlert = {
  ...newAlert({
    kind: "run-failed",
    severity: "error",
    message: "The backup of plan Nightly failed",
    advice: "Switch it on",
    plan: "nightly",
  }),
  opened: someTime,
  told: 1,
  lastTold: someTime,
};

function tell(event: AlertNews["event"], change: Partial<OpenAlert> = {}) {
  return notifyOfAlert({ event, alert: { ...alert, ...change } }, someTime + day);
}

test("an alert is told with its advice, a reminder with its beginning, its end as good news", () => {
  const texts = (["opened", "reminder", "recovered"] as const).map((event) => {
    const { title, text, severity } = tell(event);
    return [severity, title, text];
  });
  assert.deepEqual(texts, [
    ["error", "The backup of plan Nightly failed", "Switch it on."],
    [
      "error",
      "Still so: The backup of plan Nightly failed",
      "Switch it on.\nIt began 2026-11-22 03:00 UTC.",
    ],
    ["info", "No longer so: The backup of plan Nightly failed", "It began 2026-11-22 03:00 UTC."],
  ]);
});

test("each telling has an id of its own, and the same one again the same id", () => {
  const all = [
    tell("opened"),
    tell("reminder", { told: 2 }),
    tell("reminder", { told: 3 }),
    tell("recovered", { told: 3 }),
    tell("opened", { opened: someTime + day }),
  ];
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
  assert.equal(tell("opened").id, tell("opened").id);
});

function runWith(states: readonly StepState[], ended: number | undefined): Run {
  const run = newRun({
    home: "home",
    id: "0".repeat(32),
    trigger: { kind: "plan", plan: "nightly" },
    owner: someOwner,
    created: someTime,
    makeAt: "here",
    deliverTo: ["nas"],
    verify: false,
    pruneAt: [],
  });
  const steps = run.steps.map((step, at) => {
    const state = states[at] ?? "done";
    return { ...step, state, error: state === "failed" ? someError : undefined };
  });
  return { ...run, steps, ended, backup: { slug: "aa", name: "Night", fileName: "a.tar" } };
}

test("a run is told when it begins and how it ends", () => {
  const told = [
    notifyOfRun(runWith(["running"], undefined), "Nightly", someTime),
    notifyOfRun(runWith([], someTime), "Nightly", someTime),
    notifyOfRun(runWith(["done", "failed"], someTime), "Nightly", someTime),
    notifyOfRun(runWith(["failed", "skipped"], someTime), "Nightly", someTime),
  ];
  assert.deepEqual(
    told.map((notification) => [notification?.event, notification?.title]),
    [
      ["run-started", "Backup of plan Nightly began"],
      ["run-succeeded", "Backup of plan Nightly succeeded"],
      ["run-failed", "Backup of plan Nightly succeeded only in part"],
      ["run-failed", "Backup of plan Nightly failed"],
    ],
  );
  assert.equal(
    told[2]?.text,
    'Backup aa "Night"\nmake at here: done\ndeliver at nas: failed, /mnt/nas does not answer',
  );
});

test("a run that was cancelled, or that no plan asked for, is not told", () => {
  const cancelled = runWith(["cancelled", "skipped"], someTime);
  assert.equal(notifyOfRun(cancelled, "Nightly", someTime), undefined);
  const manual = { ...runWith([], someTime), trigger: { kind: "manual" } as const };
  assert.equal(notifyOfRun(manual, "Nightly", someTime), undefined);
});

test("a channel hears of its events and its plans; one without plans of everything", () => {
  const about = { event: "alert", plan: "nightly" } as const;
  assert.ok(wantsNotification({ events: ["alert"], plans: [] }, about));
  assert.ok(wantsNotification({ events: ["alert"], plans: ["nightly"] }, about));
  assert.ok(!wantsNotification({ events: ["alert"], plans: ["weekly"] }, about));
  assert.ok(!wantsNotification({ events: ["recovered"], plans: [] }, about));
  const ofNoPlan = { event: "alert", plan: undefined } as const;
  assert.ok(!wantsNotification({ events: ["alert"], plans: ["nightly"] }, ofNoPlan));
});
