import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Telling } from "#app/telling.ts";
import type { KnownHome } from "#core/alerts/gather-facts.ts";
import type { Run, StepState } from "#core/model/run.ts";
import type { Log } from "#core/ports.ts";
import { newRun } from "#core/run/new-run.ts";
import { openState } from "#state/open-state.ts";
import { day, hour, someError } from "#test/alert-facts.ts";
import { someOwner } from "#test/any-run.ts";
import { ManualTime } from "#test/manual-time.ts";
import { recordingServer } from "#test/recording-server.ts";

const nightly = {
  id: "nightly",
  name: "Nightly",
  enabled: true,
  selection: { include: "everything", except: [], database: true },
  locations: [{ location: "nas", retention: undefined }],
  verify: true,
} as const;

/** A home with a plan, told of at two servers, and a third one that watches for pings. */
async function makeHome(context: TestContext) {
  const servers = {
    ntfy: await recordingServer(context),
    webhook: await recordingServer(context),
    ping: await recordingServer(context),
  };
  const dataDirectory = await mkdtemp(join(tmpdir(), "safehouse-telling-"));
  const time = new ManualTime();
  const { clock, startTimer } = time;
  const logged: string[] = [];
  const note = (message: string): void => void logged.push(message);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const state = openState({ dataDirectory, clock, notice: assert.fail });
  context.after(async () => {
    state[Symbol.dispose]();
    await rm(dataDirectory, { recursive: true });
  });
  const start = (): Telling => {
    const telling = new Telling({ dataDirectory, state, clock, startTimer, log });
    context.after(() => telling[Symbol.dispose]());
    return telling;
  };
  const begun = clock.now();
  const known = (runs: readonly Run[]): KnownHome => ({
    plans: [{ plan: nightly, since: begun, longestAgeInMs: 2 * day }],
    runs,
    copies: new Map(),
    locationNames: new Map(),
    parts: [{ kind: "homeassistant" }],
    key: null,
    stoppedPrunes: [],
    arrivals: new Map(),
    unreadable: [],
  });
  const telling = start();
  for (const [kind, { origin }] of Object.entries(servers))
    await telling.channels.add({ id: kind, kind, name: kind, settings: { url: `${origin}/x` } });
  return { ...servers, time, telling, start, known, dataDirectory, logged };
}

function runOf(state: StepState, at: number): Run {
  const run = newRun({
    home: "home",
    id: at.toString(16).padStart(32, "0"),
    trigger: { kind: "plan", plan: "nightly" },
    owner: someOwner,
    created: at,
    makeAt: "nas",
    deliverTo: [],
    verify: false,
    pruneAt: [],
  });
  if (state === "running") return run;
  const error = state === "failed" ? someError : undefined;
  return { ...run, steps: run.steps.map((step) => ({ ...step, state, error })), ended: at + hour };
}

function eventsAt({ requests }: { readonly requests: readonly { readonly body: string }[] }) {
  return requests.map(({ body }) => (JSON.parse(body) as { event: string }).event);
}

test("samba-backup #123: three days without any backup are told once by each channel, and no ping says that all is well", async (context) => {
  const home = await makeHome(context);
  const { time, known } = home;
  let telling = home.telling;
  for (let hours = 0; hours < 72; hours += 1) {
    await time.pass(hour);
    // The server starts anew every seven hours.
    if (hours % 7 === 0) telling = home.start();
    await telling.check(known([]));
    await telling.deliver();
  }
  assert.deepEqual(eventsAt(home.webhook), ["alert"]);
  assert.equal(home.ntfy.requests.length, 1);
  assert.match(
    home.ntfy.requests[0]?.body ?? "",
    /There is no good backup of plan Nightly at nas yet/u,
  );
  assert.deepEqual(home.ping.requests, []);
});

test("a run starts and ends its check, also if it is told twice; a failure opens an alert that the next success ends", async (context) => {
  const { time, telling, known, ping, webhook } = await makeHome(context);
  const at = time.clock.now();
  const runs: Run[] = [];
  for (const [count, state] of (["failed", "done"] as const).entries()) {
    const began = at + count * day;
    await telling.tellRun(runOf("running", began), "Nightly");
    await telling.deliver();
    await time.pass(hour);
    const ended = runOf(state, began);
    runs.unshift(ended);
    await telling.tellRun(ended, "Nightly");
    await telling.tellRun(ended, "Nightly");
    await telling.check(known(runs));
    await telling.deliver();
    await time.pass(23 * hour);
  }
  const paths = ping.requests.map(({ path }) => path.replace(/\?.*/u, ""));
  assert.deepEqual(paths, ["/x/start", "/x/fail", "/x/start", "/x"]);
  assert.deepEqual(eventsAt(webhook), ["alert", "recovered"]);
});

test("what is wrong is kept even if the settings cannot be read to tell it", async (context) => {
  const { telling, known, dataDirectory, time, webhook, logged } = await makeHome(context);
  await writeFile(join(dataDirectory, "settings.json"), "this is no settings file");
  const news = await telling.check(known([runOf("failed", time.clock.now())]));
  assert.equal(news.length, 1);
  await telling.deliver();
  assert.equal((await telling.alerts.open("home")).length, 1);
  assert.equal(webhook.requests.length, 0);
  assert.ok(logged.includes("The channels for notifications cannot be read"));
});
