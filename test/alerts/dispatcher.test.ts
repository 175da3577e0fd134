import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Notification } from "#core/notifications/notification.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Log } from "#core/ports.ts";
import { checkAlerts } from "#jobs/alerts/check-alerts.ts";
import { Dispatcher } from "#jobs/alerts/dispatcher.ts";
import { tellRun } from "#jobs/alerts/tell-run.ts";
import type { NotificationChannel } from "#jobs/notification-port.ts";
import { openChannel } from "#notify/open-channel.ts";
import { StateAlertStore } from "#state/alert-store.ts";
import { openState } from "#state/open-state.ts";
import { newRun } from "#core/run/new-run.ts";
import { allWell, someError } from "#test/alert-facts.ts";
import { someOwner } from "#test/any-run.ts";
import { channelOf } from "#test/channel-cases.ts";
import { ManualTime } from "#test/manual-time.ts";
import { recordingServer } from "#test/recording-server.ts";

const minute = 60_000;
const events = ["alert", "reminder", "recovered", "run-started", "run-succeeded"] as const;

/** Fails as long as `failure` is set; else remembers. */
class Receiver implements NotificationChannel {
  readonly destination = "phone.example.org";
  failure: Error | undefined;
  readonly told: string[] = [];
  tries = 0;

  async send({ title }: Notification): Promise<void> {
    this.tries += 1;
    if (this.failure !== undefined) throw this.failure;
    this.told.push(title);
  }
}

/** Never answers, but lets itself be stopped. */
const deadEnd: NotificationChannel = {
  destination: "dead.example.org",
  send: (_notification, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    }),
};

const unreachable = new SafehouseError("unreachable", "phone.example.org does not answer");

async function makeBench(
  context: TestContext,
  channels: Readonly<Record<string, NotificationChannel>>,
) {
  const dataDirectory = await mkdtemp(join(tmpdir(), "safehouse-dispatcher-"));
  const time = new ManualTime();
  const { clock, startTimer } = time;
  const state = openState({ dataDirectory, clock, notice: assert.fail });
  context.after(async () => {
    state[Symbol.dispose]();
    await rm(dataDirectory, { recursive: true });
  });
  const store = new StateAlertStore(state);
  const logged: string[] = [];
  const note = (message: string): void => void logged.push(message);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const ids = Object.keys(channels).map((id) => ({ id, events, plans: [] }));
  const tools = { store, home: "home", clock, channels: ids };
  const open = (): Dispatcher => {
    const openChannels = async () => new Map(Object.entries(channels));
    const parts = { store, home: "home", clock, log, random: () => 0.999, startTimer };
    const dispatcher = new Dispatcher({ ...parts, openChannels });
    context.after(() => dispatcher[Symbol.dispose]());
    return dispatcher;
  };
  let failures = 0;
  /** One more alert. */
  const fail = async (): Promise<void> => {
    failures += 1;
    const names = Array.from({ length: failures }, (_, at) => `Plan ${at}`);
    const plans = names.map((name) => ({
      plan: name,
      planName: name,
      failures: 1,
      error: someError,
    }));
    await checkAlerts({ ...allWell, plans }, tools);
  };
  return { time, store, logged, tools, open, fail };
}

test("a dead channel delays no other one", async (context) => {
  const phone = new Receiver();
  const { open, fail } = await makeBench(context, { dead: deadEnd, phone });
  const dispatcher = open();
  await fail();
  void dispatcher.wake();
  while (phone.told.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(phone.told.length, 1);
});

test("what could not be told is tried again after pauses that grow, in order, until it is told", async (context) => {
  const phone = new Receiver();
  phone.failure = unreachable;
  const { open, fail, time, store, logged } = await makeBench(context, { phone });
  const dispatcher = open();
  await fail();
  await fail();
  await dispatcher.wake();
  assert.equal(phone.tries, 1, "the second waits behind the first");
  await time.pass(29_000);
  assert.equal(phone.tries, 1);
  await time.pass(1000);
  assert.equal(phone.tries, 2);
  await time.pass(minute);
  assert.equal(phone.tries, 3);
  phone.failure = undefined;
  await time.pass(2 * minute);
  assert.equal(phone.told.length, 2);
  assert.match(phone.told[0] ?? "", /Plan 0/u);
  assert.equal(await store.nextDue("home", "phone"), undefined);
  assert.equal(time.running, 0, "nothing is left to wait for");
  assert.deepEqual([...new Set(logged)], ["A notification could not be told"]);
});

test("a restart tells nothing twice and forgets nothing", async (context) => {
  const phone = new Receiver();
  const { open, fail } = await makeBench(context, { phone });
  await fail();
  {
    using first = open();
    await first.wake();
    phone.failure = unreachable;
    await fail();
    await first.wake();
  }
  phone.failure = undefined;
  using second = open();
  await second.wake();
  assert.equal(phone.told.length, 1, "its pause is not over yet");
  await fail();
  await second.wake();
  assert.deepEqual(
    phone.told.map((title) => /Plan \d/u.exec(title)?.[0]),
    ["Plan 0", "Plan 2"],
  );
});

test("after a failure with a restart in between the pause goes on", async (context) => {
  const phone = new Receiver();
  phone.failure = unreachable;
  const { open, fail, time } = await makeBench(context, { phone });
  await fail();
  {
    using first = open();
    await first.wake();
  }
  assert.equal(time.running, 0);
  phone.failure = undefined;
  const second = open();
  await second.wake();
  assert.equal(phone.told.length, 0);
  await time.pass(minute);
  assert.equal(phone.told.length, 1);
});

test("two processes that dispatch at once tell each thing once", async (context) => {
  const phone = new Receiver();
  const { open, fail } = await makeBench(context, { phone });
  for (let count = 0; count < 5; count += 1) await fail();
  await Promise.all([open().wake(), open().wake()]);
  assert.equal(phone.told.length, 5);
  assert.equal(new Set(phone.told).size, 5);
});

test("what a channel refuses by itself does not hold up what comes behind it", async (context) => {
  const told: string[] = [];
  const refusesFirst: NotificationChannel = {
    destination: "phone.example.org",
    async send({ title }) {
      const name = /Plan \d/u.exec(title)?.[0] ?? "";
      if (name === "Plan 0") throw new SafehouseError("usage", "It does not take the message");
      told.push(name);
    },
  };
  const { open, fail } = await makeBench(context, { phone: refusesFirst });
  await fail();
  await fail();
  await open().wake();
  assert.deepEqual(told, ["Plan 1"]);
});

test("a mail that reached some of its receivers is not sent again", async (context) => {
  const phone = new Receiver();
  phone.failure = new SafehouseError("incomplete", "mail.example.org does not take mail for one");
  const { open, fail, store, time } = await makeBench(context, { phone });
  await fail();
  await open().wake();
  await time.pass(60 * minute);
  assert.equal(phone.tries, 1);
  const [delivery] = await store.deliveries("home");
  assert.equal(delivery?.state, "told");
  assert.match(delivery.error ?? "", /does not take mail for one/u);
});

test("what has grown too old is dropped and not told: a late start looks like a run that hangs", async (context) => {
  const phone = new Receiver();
  phone.failure = unreachable;
  const { open, tools, store, time } = await makeBench(context, { phone });
  const run = newRun({
    home: "home",
    id: "0".repeat(32),
    trigger: { kind: "plan", plan: "nightly" },
    owner: someOwner,
    created: 1,
    makeAt: "here",
    deliverTo: [],
    verify: false,
    pruneAt: [],
  });
  await tellRun(run, "Nightly", tools);
  await tellRun(run, "Nightly", tools);
  await open().wake();
  await time.pass(9 * minute);
  phone.failure = undefined;
  await time.pass(30 * minute);
  assert.deepEqual(phone.told, []);
  const all = await store.deliveries("home");
  assert.deepEqual(
    all.map(({ state, error }) => [state, error]),
    [["dropped", unreachable.message]],
  );
});

test("a fault of a channel is kept without its words: they may hold a secret", async (context) => {
  const phone = new Receiver();
  phone.failure = new TypeError("Failed to parse https://example.org/hunter2");
  const { open, fail, store } = await makeBench(context, { phone });
  await fail();
  await open().wake();
  assert.equal((await store.deliveries("home"))[0]?.error, "A fault of Safehouse");
});

test("closing ends what is being sent, and it stays due", async (context) => {
  const { open, fail, store, time } = await makeBench(context, { dead: deadEnd });
  const dispatcher = open();
  await fail();
  const working = dispatcher.wake();
  while ((await store.deliveries("home"))[0]?.attempts !== 1)
    await new Promise((resolve) => setImmediate(resolve));
  dispatcher[Symbol.dispose]();
  await working;
  assert.equal(await store.nextDue("home", "dead"), time.clock.now());
  assert.equal((await store.deliveries("home"))[0]?.attempts, 0);
  assert.equal(time.running, 0);
});

test("channels that cannot be opened are logged and tried again", async (context) => {
  const phone = new Receiver();
  const { fail, store, time, logged } = await makeBench(context, { phone });
  const { clock, startTimer } = time;
  const note = (message: string): void => void logged.push(message);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  let isMended = false;
  const openChannels = async () => {
    if (!isMended) throw new SafehouseError("damaged", "The settings cannot be read");
    return new Map([["phone", phone]]);
  };
  const tools = { store, home: "home", clock, log, random: Math.random, startTimer, openChannels };
  using dispatcher = new Dispatcher(tools);
  await fail();
  await dispatcher.wake();
  assert.deepEqual(logged, ["The channels for notifications could not be opened"]);
  isMended = true;
  await time.pass(minute);
  assert.equal(phone.told.length, 1);
});

test("an alert reaches a real server when it opens and when it ends", async (context) => {
  const server = await recordingServer(context);
  const time = new ManualTime();
  const channel = channelOf("ntfy", { url: `${server.origin}/topic` });
  const { clock, startTimer } = time;
  const ntfy = openChannel(channel, { clock, startTimer, limitInMs: 20_000 });
  const { open, fail, tools } = await makeBench(context, { ntfy });
  using dispatcher = open();
  await fail();
  await dispatcher.wake();
  const news = await checkAlerts(allWell, tools);
  await dispatcher.wake();
  assert.deepEqual(
    news.map(({ event }) => event),
    ["recovered"],
  );
  const titles = server.requests.map(({ body }) => (JSON.parse(body) as { title: string }).title);
  assert.deepEqual(titles, [
    "The backup of plan Plan 0 failed: /mnt/nas does not answer",
    "No longer so: The backup of plan Plan 0 failed: /mnt/nas does not answer",
  ]);
});
