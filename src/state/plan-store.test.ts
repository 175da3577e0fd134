import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openState } from "./open-state.ts";
import { StatePlanRecords } from "./plan-records.ts";
import { SettingsPlanStore } from "./plan-store.ts";
import { Settings } from "./settings.ts";

async function makeStore(context: TestContext) {
  const dataDirectory = await mkdtemp(join(tmpdir(), "safehouse-plans-"));
  const now = { value: Date.UTC(2026, 4, 1) };
  const clock = { now: () => now.value };
  const state = openState({ dataDirectory, clock, notice: assert.fail });
  context.after(async () => {
    state[Symbol.dispose]();
    await rm(dataDirectory, { recursive: true });
  });
  const settings = new Settings(dataDirectory, state);
  const records = new StatePlanRecords(state, "home");
  const store = new SettingsPlanStore({ home: "home", settings, records, clock });
  return { store, records, settings, now, path: join(dataDirectory, "settings.json") };
}

const nightly = {
  id: "nightly",
  name: "Nightly",
  selection: { include: "everything" },
  schedule: { recurrence: "daily", time: "03:00", zone: "Europe/Berlin" },
};
const weekly = { ...nightly, id: "weekly", name: "Weekly" };

test("plans are kept as they were written, in their order, beside other settings", async (context) => {
  const { store, settings } = await makeStore(context);
  await settings.change("home", { rules: ["*.mp4"] });
  assert.deepEqual(await store.read(), { plans: [], damaged: [] });
  await store.add(nightly);
  await store.add(weekly);
  await store.change("nightly", (document) => ({ ...document, enabled: false }));
  const { plans } = await store.read();
  assert.deepEqual(
    plans.map(({ document }) => document),
    [{ ...nightly, enabled: false }, weekly],
  );
  assert.deepEqual(
    plans.map(({ plan }) => [plan.id, plan.enabled]),
    [
      ["nightly", false],
      ["weekly", true],
    ],
  );
  await store.remove("nightly");
  assert.deepEqual(await settings.read("home"), { rules: ["*.mp4"], plans: [weekly] });
});

test("refuses an id that is taken or changed, what is no plan, and what is not there", async (context) => {
  const { store, path } = await makeStore(context);
  await store.add(nightly);
  const before = await readFile(path, "utf8");
  await assert.rejects(store.add(nightly), { problem: "already-exists" });
  await assert.rejects(store.add({ ...weekly, shedule: {} }), { problem: "usage" });
  const renamed = store.change("nightly", (document) => ({ ...document, id: "daily" }));
  await assert.rejects(renamed, { problem: "usage", message: /nightly cannot be changed/u });
  await assert.rejects(
    store.change("daily", (document) => document),
    { problem: "not-found" },
  );
  await assert.rejects(store.remove("daily"), { problem: "not-found", advice: /nightly/u });
  assert.equal(await readFile(path, "utf8"), before);
});

test("damaged plans are named, left as they are by every change, and mended or removed by hand", async (context) => {
  const { store, settings } = await makeStore(context);
  const broken = { ...weekly, selection: { include: "all" } };
  const items = [broken, "nonsense", { name: "No id" }, nightly, { ...nightly, name: "Twin" }];
  await settings.change("home", { plans: items });
  const { plans, damaged } = await store.read();
  assert.deepEqual(
    plans.map(({ document }) => document),
    [nightly],
  );
  assert.deepEqual(
    damaged.map(({ id }) => id),
    ["weekly", "#2", "#3", "#5"],
  );
  assert.match(damaged[0]?.error.message ?? "", /selection/u);
  await assert.rejects(store.add(weekly), { problem: "already-exists" });
  await store.change("nightly", (document) => ({ ...document, name: "Each night" }));
  await assert.rejects(
    store.change("#5", (document) => document),
    { problem: "already-exists" },
  );
  await store.change("#5", (document) => ({ ...document, id: "twin" }));
  await store.remove("#3");
  await store.change("weekly", () => weekly);
  assert.deepEqual((await settings.read("home"))["plans"], [
    weekly,
    "nonsense",
    { ...nightly, name: "Each night" },
    { ...nightly, name: "Twin", id: "twin" },
  ]);
});

test("plans that are no list are reported and never replaced", async (context) => {
  const { store, path } = await makeStore(context);
  const text = `{"version":1,"homes":{"home":{"plans":{"nightly":{}}}}}`;
  await writeFile(path, text);
  await assert.rejects(store.read(), { problem: "damaged" });
  await assert.rejects(store.add(nightly), { problem: "damaged" });
  assert.equal(await readFile(path, "utf8"), text);
});

test("it is noted since when a plan has its timing, and forgotten with the plan", async (context) => {
  const { store, records, now } = await makeStore(context);
  const made = now.value;
  await store.add(nightly);
  now.value += 1000;
  await store.change("nightly", (document) => ({ ...document, name: "Each night" }));
  assert.equal((await records.read("nightly"))?.since, made, "a name is no timing");
  await store.change("nightly", (document) => ({ ...document, enabled: false }));
  assert.equal((await records.read("nightly"))?.since, now.value);
  await store.remove("nightly");
  assert.equal(await records.read("nightly"), undefined);
});

test("records are kept over a restart of the state file's owner, for each plan by itself", async (context) => {
  const { records } = await makeStore(context);
  const lastRun = {
    state: "running",
    reason: "missed",
    dueAt: 1,
    startedAt: 2,
    endedAt: undefined,
    failures: 3,
    message: undefined,
  } as const;
  const record = { since: 5, timing: "t", lastRun, lastSuccess: undefined };
  await records.change("a", () => record);
  await records.change("b", () => ({ ...record, lastRun: undefined, lastSuccess: 4 }));
  assert.deepEqual(await records.read("a"), record);
  assert.deepEqual(await records.read("b"), { ...record, lastRun: undefined, lastSuccess: 4 });
  const fails = records.change("a", () => {
    throw new Error("no");
  });
  await assert.rejects(fails, /no/u);
  await records.change("a", (stored) => (stored?.since === 5 ? undefined : stored));
  assert.equal(await records.read("a"), undefined);
});
