import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { OpenAlert } from "#core/alerts/alert.ts";
import { newAlert } from "#core/alerts/new-alert.ts";
import type { Delivery } from "#jobs/alert-store-port.ts";
import { someNotification } from "#test/channel-cases.ts";
import { StateAlertStore } from "./alert-store.ts";
import { openState } from "./open-state.ts";

async function makeStore(context: TestContext) {
  const dataDirectory = await mkdtemp(join(tmpdir(), "safehouse-alerts-"));
  context.after(() => rm(dataDirectory, { recursive: true }));
  /** As another process would open it. */
  const open = (): StateAlertStore => {
    const state = openState({ dataDirectory, clock: Date, notice: assert.fail });
    context.after(() => state[Symbol.dispose]());
    return new StateAlertStore(state);
  };
  const state = openState({ dataDirectory, clock: Date, notice: assert.fail });
  context.after(() => state[Symbol.dispose]());
  /** How many rows the store has written. */
  const changes = (): unknown =>
    state.run((database) => database.prepare("SELECT total_changes() AS rows").get()?.["rows"]);
  return { store: new StateAlertStore(state), open, changes };
}

function alertOf(location: string, opened: number): OpenAlert {
  const facts = { kind: "prune-stopped", severity: "warning", message: "It waits" } as const;
  return {
    ...newAlert({ ...facts, advice: "Agree", location }),
    opened,
    told: 1,
    lastTold: opened,
  };
}

function deliveryOf(id: string, channel = "phone"): Delivery {
  const notification = { ...someNotification, id };
  const state = "waiting";
  return {
    channel,
    notification,
    state,
    attempts: 0,
    nextAt: 10,
    ended: undefined,
    error: undefined,
  };
}

function add(
  store: StateAlertStore,
  deliveries: readonly Delivery[],
  home = "home",
): Promise<void> {
  return store.change(home, (open) => ({ open, deliveries }));
}

function idsOf(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(({ notification }) => notification.id);
}

test("alerts are the same after a restart, each home's by itself, the oldest first", async (context) => {
  const { store, open } = await makeStore(context);
  await store.change("home", (before) => {
    assert.deepEqual(before, []);
    return { open: [alertOf("nas", 2), alertOf("cloud", 1)], deliveries: [] };
  });
  await store.change("cottage", () => ({ open: [alertOf("nas", 3)], deliveries: [] }));
  const again = await open().open("home");
  assert.deepEqual(JSON.stringify(again), JSON.stringify([alertOf("cloud", 1), alertOf("nas", 2)]));
  await store.change("home", ([first]) => ({ open: first ? [first] : [], deliveries: [] }));
  assert.equal((await store.open("home")).length, 1);
  assert.equal((await store.open("cottage")).length, 1);
});

test("a check that finds nothing new writes nothing", async (context) => {
  const { store, changes } = await makeStore(context);
  await store.change("home", () => ({ open: [alertOf("nas", 1)], deliveries: [] }));
  const before = changes();
  await store.change("home", (open) => ({
    open: open.map((alert) => ({ ...alert })),
    deliveries: [],
  }));
  assert.equal(changes(), before);
});

test("a decision that throws changes nothing", async (context) => {
  const { store } = await makeStore(context);
  await add(store, [deliveryOf("a")]);
  await assert.rejects(
    store.change("home", () => {
      throw new Error("no");
    }),
    /no/u,
  );
  assert.deepEqual(idsOf(await store.deliveries("home")), ["a"]);
});

test("a delivery that is known is not added again, whatever has become of it", async (context) => {
  const { store, open } = await makeStore(context);
  await add(store, [deliveryOf("a")]);
  const claimed = await store.claim("home", "phone", { now: 10, until: 99 });
  assert.ok(claimed !== undefined);
  await store.settle("home", { ...claimed, state: "told", ended: 11 });
  await add(open(), [deliveryOf("a"), deliveryOf("b"), deliveryOf("a", "mail")]);
  const all = await store.deliveries("home");
  assert.deepEqual(
    all.map(({ channel, notification, state }) => [channel, notification.id, state]),
    [
      ["mail", "a", "waiting"],
      ["phone", "b", "waiting"],
      ["phone", "a", "told"],
    ],
  );
});

test("what one process has claimed no other one gets, until it must have died", async (context) => {
  const { store, open } = await makeStore(context);
  await add(store, [deliveryOf("a"), deliveryOf("b")]);
  const other = open();
  assert.equal(await store.claim("home", "phone", { now: 9, until: 50 }), undefined);
  const first = await store.claim("home", "phone", { now: 10, until: 50 });
  const second = await other.claim("home", "phone", { now: 10, until: 50 });
  assert.deepEqual([first?.notification.id, second?.notification.id], ["a", "b"]);
  assert.equal(await other.claim("home", "phone", { now: 49, until: 90 }), undefined);
  const later = await other.claim("home", "phone", { now: 50, until: 90 });
  assert.equal(later?.notification.id, "a");
  assert.equal(later.attempts, 2);
});

test("deliveries wait for each channel by itself, and can be put off together", async (context) => {
  const { store } = await makeStore(context);
  await add(store, [deliveryOf("a"), deliveryOf("b"), deliveryOf("a", "mail")]);
  await store.postpone("home", "phone", 70);
  assert.equal(await store.nextDue("home", "phone"), 70);
  assert.equal(await store.nextDue("home", "mail"), 10);
  assert.equal(await store.nextDue("home", "none"), undefined);
  await store.postpone("home", "phone", 60);
  assert.equal(await store.nextDue("home", "phone"), 70);
  await store.forget("home", "phone");
  assert.equal(await store.nextDue("home", "phone"), undefined);
  assert.deepEqual(idsOf(await store.deliveries("home")), ["a"]);
});

test("of too many that wait the oldest are dropped, and what has ended is forgotten some day", async (context) => {
  const { store } = await makeStore(context);
  const names = Array.from({ length: 450 }, (_, at) => `n${at}`);
  for (const name of names) await add(store, [deliveryOf(name)]);
  const all = await store.deliveries("home");
  const waiting = all.filter(({ state }) => state === "waiting");
  assert.deepEqual(idsOf(waiting), names.slice(350).toReversed());
  const dropped = all.filter(({ state }) => state === "dropped");
  assert.deepEqual(idsOf(dropped), names.slice(150, 350).toReversed());
  assert.equal(dropped[0]?.error, "Too many others waited");
});
