import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import type { Arrival } from "#core/arrivals/arrival.ts";
import { StateRunJournal } from "#state/run-journal.ts";
import { LocalHome } from "#app/local-home.ts";
import { ArrivalsWatch } from "#app/serve/arrivals-watch.ts";
import { Workers } from "#app/serve/workers.ts";
import { failedArrivals } from "#jobs/inbox/failed-arrivals.ts";
import { RunDesk } from "#jobs/runs/run-desk.ts";
import { bytesApp } from "#test/bytes-app.ts";
import { configBackup } from "#test/hostile-backup.ts";
import { sampleBytes } from "#test/sample-bytes.ts";

const noise = [{ name: "data/noise", content: sampleBytes("noise", 700_000) }];
const { signal } = new AbortController();
const minute = 60_000;

/** The watch of a server over a home of its own; its time passes by hand, and its runs are real. */
async function bench(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-arrivals-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const dataDirectory = join(folder, "data");
  mkdirSync(dataDirectory);
  const location = join(dataDirectory, "backup");
  const nas = join(folder, "nas");
  let passed = 0;
  const clock = { now: (): number => Date.now() + passed };
  const nothing = (): void => undefined;
  const fail = (fault: unknown): never => assert.fail(String(fault));
  const log = { debug: nothing, info: nothing, warn: nothing, error: assert.fail };
  const { services, ...app } = bytesApp({ SAFEHOUSE_DATA: dataDirectory }, fail);
  context.after(() => app[Symbol.asyncDispose]());
  const home = new LocalHome({ dataDirectory, clock, notice: assert.fail });
  context.after(() => home[Symbol.dispose]());
  const workers = new Workers(dataDirectory);
  context.after(() => workers[Symbol.asyncDispose]());
  const desk = new RunDesk();
  const watch = (): ArrivalsWatch => {
    const place = { services, place: {}, desk, signal };
    return new ArrivalsWatch({ home, workers, context: place, clock, log });
  };
  await home.book.add({ id: "nas", name: "NAS", kind: undefined, settings: { path: nas } }, signal);
  await home.settings.change("home", { inbox: { deliverTo: ["nas"] } });
  await watch().look();
  const rows = async (): Promise<readonly Arrival[]> => [
    ...((await home.arrivals.read("backup"))?.values() ?? []),
  ];
  const isAtWork = async (): Promise<boolean> =>
    (await rows()).some(
      ({ state, nextAt }) =>
        (state === "unchecked" || state === "undelivered") && nextAt <= clock.now(),
    );
  return {
    location,
    nas,
    home,
    /** Time passes, and a server that has just come up looks; all that it begins is waited for. */
    later: async (milliseconds: number): Promise<void> => {
      passed += milliseconds;
      await using server = watch();
      await server.look();
      while (await isAtWork()) await pause(50);
    },
    of: async (file: string): Promise<Arrival | undefined> =>
      (await rows()).find((arrival) => arrival.file === file),
    listed: async () => {
      await using open = await services.openLocation({});
      return (await open.location.list(signal)).backups;
    },
    alerts: async () => failedArrivals(home.locations(), home),
    runs: async () => new StateRunJournal(home.state).list("home"),
  };
}

/** Lets a file look as if nobody had written to it for a while. */
function settle(path: string): void {
  const old = Date.now() / 1000 - 3600;
  utimesSync(path, old, old);
}

test("what is copied into the folder is left alone while it grows, then read once and delivered on", async (context) => {
  const { location, nas, later, of, listed, alerts, runs } = await bench(context);
  const bytes = await configBackup(noise, { json: { slug: "0a551570" } });
  const file = join(location, "copied.tar");
  writeFileSync(file, bytes.subarray(0, 300_000));
  for (const growing of [0, 1, 2]) {
    await later(minute);
    assert.equal((await of("copied.tar"))?.state, "growing");
    const [backup] = await listed();
    assert.equal(backup?.problems[0]?.problem, "busy", "it is not called damaged");
    assert.equal((await alerts()).size, 0);
    appendFileSync(file, bytes.subarray(300_000 + growing * 1000, 301_000 + growing * 1000));
  }
  assert.ok(!existsSync(join(location, ".safehouse")), "nothing is noted yet");
  appendFileSync(file, bytes.subarray(303_000));
  await later(0);
  settle(file);
  await later(minute);
  assert.equal((await of("copied.tar"))?.state, "growing", "its time has changed");
  await later(minute);
  assert.equal((await of("copied.tar"))?.state, "done");
  assert.deepEqual(readFileSync(join(nas, "copied.tar")), bytes);
  const steps = (await runs()).flatMap((run) => run.steps.map(({ kind }) => kind));
  assert.deepEqual(steps.toSorted(), ["deliver", "verify", "verify"]);
  const notes = readFileSync(join(location, ".safehouse/0a551570.json"), "utf8");
  assert.match(notes, /"by": "folder"/);
  await later(10 * minute);
  assert.equal((await runs()).length, 2, "nothing is done twice");
});

test("a copy that stays half is told of when nobody goes on with it, and taken up when somebody does", async (context) => {
  const { location, later, of, listed } = await bench(context);
  const bytes = await configBackup(noise);
  const file = join(location, "half.tar");
  writeFileSync(file, bytes.subarray(0, 300_000));
  settle(file);
  await later(0);
  await later(minute);
  const failed = await of("half.tar");
  assert.equal(failed?.state, "failed");
  assert.ok(failed.message);
  assert.notEqual((await listed())[0]?.problems[0]?.problem, "busy");
  writeFileSync(file, bytes);
  settle(file);
  await later(minute);
  await later(minute);
  assert.equal((await of("half.tar"))?.state, "done");
});

test("what is no backup is nobody's concern", async (context) => {
  const { location, nas, later, of } = await bench(context);
  for (const [name, content] of [
    ["notes.tar", "no backup"],
    [".hidden.tar", "hidden"],
    ["film.mp4", "a film"],
  ] as const) {
    writeFileSync(join(location, name), content);
    settle(join(location, name));
  }
  await later(minute);
  await later(minute);
  assert.equal(await of("notes.tar"), undefined);
  assert.deepEqual(
    readdirSync(nas).filter((name) => !name.startsWith(".safehouse")),
    [],
  );
});

test("what cannot be opened here is delivered on as it came", async (context) => {
  const { location, nas, later, of } = await bench(context);
  const bytes = await configBackup(noise, { encrypted: 3 });
  writeFileSync(join(location, "sealed.tar"), bytes);
  settle(join(location, "sealed.tar"));
  await later(0);
  await later(minute);
  assert.equal((await of("sealed.tar"))?.state, "done");
  assert.deepEqual(readFileSync(join(nas, "sealed.tar")), bytes);
});

test("what turns out to be damaged when it is read goes nowhere", async (context) => {
  const { location, nas, later, of } = await bench(context);
  const bytes = await configBackup(noise);
  bytes.fill(0, 400_000, 400_100);
  writeFileSync(join(location, "torn.tar"), bytes);
  settle(join(location, "torn.tar"));
  await later(0);
  await later(minute);
  const torn = await of("torn.tar");
  assert.equal(torn?.state, "failed");
  assert.match(torn.message ?? "", /homeassistant/);
  assert.ok(!existsSync(join(nas, "torn.tar")));
});

test("a place that is away gets its copy when it is back, and people are told meanwhile", async (context) => {
  const { location, nas, later, of, alerts } = await bench(context);
  renameSync(nas, `${nas}.away`);
  const bytes = await configBackup(noise);
  writeFileSync(join(location, "copied.tar"), bytes);
  settle(join(location, "copied.tar"));
  await later(0);
  await later(minute);
  const waiting = await of("copied.tar");
  assert.deepEqual([waiting?.state, waiting?.waiting], ["undelivered", ["nas"]]);
  const [told] = (await alerts()).get("backup") ?? [];
  assert.equal(told?.file, "copied.tar");
  await later(10 * minute);
  assert.equal((await of("copied.tar"))?.state, "undelivered");
  renameSync(`${nas}.away`, nas);
  await later(10 * minute);
  assert.equal((await of("copied.tar"))?.state, "done");
  assert.deepEqual(readFileSync(join(nas, "copied.tar")), bytes);
  assert.equal((await alerts()).size, 0);
});
