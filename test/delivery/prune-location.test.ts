import assert from "node:assert/strict";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { decidePrune } from "#jobs/prune/decide-prune.ts";
import { pruneLocation, type PruneOrder, type PruneReport } from "#jobs/prune/prune-location.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { StorageProvider } from "#storage/provider.ts";
import { BackupPlaces, ourInstallation, proven, slugNumber } from "#test/backup-places.ts";
import { ruleOf } from "#test/retention-cases.ts";

const day = 86_400_000;
const hour = 3_600_000;
const start = Date.parse("2026-03-01T02:00:00Z");

class TestClock {
  time = start;
  readonly now = (): number => this.time;
}

async function setUp(context: TestContext) {
  const clock = new TestClock();
  const places = await BackupPlaces.create(context, clock);
  places.add("nas");
  return { clock, places };
}

function orderFor(
  location: ArchiveLocation,
  clock: TestClock,
  more: Partial<PruneOrder> = {},
): PruneOrder {
  return {
    location,
    rule: ruleOf({ copies: 3 }),
    scope: "every plan",
    installation: ourInstallation,
    clock,
    confirmed: undefined,
    report: () => undefined,
    log: () => undefined,
    signal: new AbortController().signal,
    ...more,
  };
}

/** One backup a night from `start` on; `now` becomes the time of the last. */
async function nights(
  { clock, places }: { readonly clock: TestClock; readonly places: BackupPlaces },
  count: number,
  more: Partial<Parameters<BackupPlaces["put"]>[1]> = {},
): Promise<void> {
  for (let night = 1; night <= count; night += 1) {
    clock.time = start + night * day;
    await places.put("nas", { slug: slugNumber(night), date: clock.time, notes: proven, ...more });
  }
}

function removedBy({ removed }: PruneReport): string[] {
  return removed.map(({ copy }) => copy.slug);
}

async function stopOf(pruning: Promise<unknown>): Promise<SafehouseError> {
  const error: unknown = await pruning.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SafehouseError, String(error));
  assert.equal(error.problem, "confirmation-needed");
  return error;
}

test("Google Drive add-on #975: 400 backups and a rule that keeps 7 stop at the brake", async (context) => {
  const bench = await setUp(context);
  await nights(bench, 400);
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const order = orderFor(bench.places.open("nas"), bench.clock, {
    rule: ruleOf({ copies: 7 }),
    log,
  });
  const stop = await stopOf(pruneLocation(order));
  assert.match(stop.message, /^393 of 400 backups at nas would be removed/);
  assert.equal(bench.places.slugs("nas").length, 400, "nothing was removed");
  assert.equal(lines.join(" ").match(/\b[0-9a-f]{8}\b/g)?.length, 393, "it says which");
  assert.ok(lines.every(({ length }) => length <= 500));
});

test("what a person agrees to holds for just the backups that they were shown", async (context) => {
  const bench = await setUp(context);
  const { clock, places } = bench;
  await nights(bench, 30);
  const order = orderFor(places.open("nas"), clock, { rule: ruleOf({ copies: 7 }) });
  const confirmed = String((await stopOf(pruneLocation(order))).facts?.["token"]);
  await stopOf(pruneLocation({ ...order, confirmed: "another word" }));
  clock.time += day;
  await places.put("nas", { slug: slugNumber(31), date: clock.time, notes: proven });
  const other = String((await stopOf(pruneLocation({ ...order, confirmed }))).facts?.["token"]);
  assert.equal(places.slugs("nas").length, 31, "one more would have gone");
  await pruneLocation({ ...order, confirmed: other });
  const left = Array.from({ length: 7 }, (_, at) => slugNumber(25 + at));
  assert.deepEqual(places.slugs("nas"), left);
  const sidecars = places.files("nas").filter((file) => file.startsWith(".safehouse/"));
  assert.equal(sidecars.length, 14, "what lay beside the others is gone too");
});

test("core#181514: restarts every hour for ten days leave a rule of three days in force", async (context) => {
  const { clock, places } = await setUp(context);
  let made = 0;
  for (let hours = 0; hours < 240; hours += 1) {
    clock.time = start + hours * hour;
    if (hours % 24 === 0) {
      made += 1;
      await places.put("nas", { slug: slugNumber(made), date: clock.time, notes: proven });
    }
    await pruneLocation(orderFor(places.open("nas"), clock, { rule: ruleOf({ days: 3 }) }));
    const left = Array.from({ length: Math.min(made, 3) }, (_, at) => slugNumber(made - at));
    assert.deepEqual(places.slugs("nas"), left.toSorted());
  }
  assert.equal(made, 10);
});

test("a clock that jumps by a year, ahead or back, deletes nothing beyond the plan", async (context) => {
  const bench = await setUp(context);
  const { clock, places } = bench;
  const rule = ruleOf({ days: 30 });
  await nights(bench, 10);
  const prune = () => pruneLocation(orderFor(places.open("nas"), clock, { rule }));
  const right = clock.time;
  for (const jump of [365 * day, -365 * day]) {
    clock.time = right + jump;
    assert.deepEqual((await prune()).removed, []);
    await places.put("nas", { slug: slugNumber(100), date: clock.time, notes: proven });
    assert.deepEqual((await prune()).removed, [], "nor when a backup is made under that clock");
    clock.time = right + day;
    assert.deepEqual((await prune()).removed, [], "nor when it is right again");
    rmSync(`${places.path("nas")}/backup-${slugNumber(100)}.tar`);
  }
});

test("core#136028: backups that were not read back never push out the ones that were", async (context) => {
  const bench = await setUp(context);
  await nights(bench, 3);
  for (let night = 4; night <= 13; night += 1)
    await bench.places.put("nas", {
      slug: slugNumber(night),
      date: start + night * day,
      notes:
        night % 2 === 0 ? {} : { verification: { ...proven.verification, verdict: "damaged" } },
    });
  bench.clock.time = start + 13 * day;
  const order = orderFor(bench.places.open("nas"), bench.clock);
  const stop = await decidePrune(order);
  await pruneLocation({ ...order, confirmed: stop.stop?.token });
  const left = bench.places.slugs("nas");
  for (let night = 1; night <= 3; night += 1) assert.ok(left.includes(slugNumber(night)));
});

test("the last verified copy stays, whatever the rule and however many came after it", async (context) => {
  const bench = await setUp(context);
  await nights(bench, 12, { notes: {} });
  const first = `${bench.places.path("nas")}/.safehouse/${slugNumber(1)}.json`;
  writeFileSync(first, JSON.stringify({ origin: { installation: ourInstallation }, ...proven }));
  const order = orderFor(bench.places.open("nas"), bench.clock, { rule: ruleOf({ copies: 1 }) });
  const { stop } = await decidePrune(order);
  await pruneLocation({ ...order, confirmed: stop?.token });
  assert.deepEqual(bench.places.slugs("nas"), [slugNumber(1), slugNumber(12)]);
});

test("gdrive#129, samba-backup#104: of two installations at one place each prunes its own, and nobody what others made", async (context) => {
  const { clock, places } = await setUp(context);
  const other = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";
  for (let night = 1; night <= 4; night += 1) {
    const date = start + night * day;
    await places.put("nas", { slug: slugNumber(night), date, notes: proven });
    const origin = { installation: other, plan: undefined };
    await places.put("nas", { slug: slugNumber(0x100 + night), date, origin, notes: proven });
    await places.put("nas", { slug: slugNumber(0x200 + night), date, origin: undefined });
    await places.put("nas", { slug: slugNumber(0x300 + night), date, notes: undefined });
  }
  clock.time = start + 5 * day;
  const report = await pruneLocation(orderFor(places.open("nas"), clock));
  assert.deepEqual(removedBy(report), [slugNumber(1)]);
  assert.equal(places.slugs("nas").length, 15);
  const theirs = await pruneLocation(orderFor(places.open("nas"), clock, { installation: other }));
  assert.deepEqual(removedBy(theirs), [slugNumber(0x101)]);
});

test("gdrive#901: a pin that is set while a prune is at work holds", async (context) => {
  const bench = await setUp(context);
  await nights(bench, 6);
  const lines: string[] = [];
  const pinned = slugNumber(3);
  const log = (line: string): void => {
    lines.push(line);
    if (!line.startsWith(`Removed ${slugNumber(1)}`)) return;
    const notes = { origin: { installation: ourInstallation }, pin: { pinned: true, at: "now" } };
    writeFileSync(`${bench.places.path("nas")}/.safehouse/${pinned}.json`, JSON.stringify(notes));
  };
  const report = await pruneLocation(orderFor(bench.places.open("nas"), bench.clock, { log }));
  assert.deepEqual(removedBy(report), [slugNumber(1), slugNumber(2)]);
  assert.ok(bench.places.slugs("nas").includes(pinned));
  assert.ok(lines.some((line) => line.startsWith(`${pinned} stays after all: It is marked`)));
  assert.ok(report.kept.some(({ copy }) => copy.slug === pinned));
});

test("two prunes at once remove no more than one does", async (context) => {
  const bench = await setUp(context);
  await nights(bench, 6);
  const prune = () => pruneLocation(orderFor(bench.places.open("nas"), bench.clock));
  const reports = await Promise.allSettled([prune(), prune()]);
  assert.ok(reports.some(({ status }) => status === "fulfilled"));
  assert.deepEqual(bench.places.slugs("nas"), [4, 5, 6].map(slugNumber));
});

test("a place that is away, or was emptied behind our back, loses nothing to a prune", async (context) => {
  const bench = await setUp(context);
  await nights(bench, 6);
  const location = bench.places.open("nas");
  await location.list(new AbortController().signal);
  renameSync(bench.places.path("nas"), bench.places.path("away"));
  await assert.rejects(pruneLocation(orderFor(location, bench.clock)), { problem: "unreachable" });
  bench.places.add("nas");
  assert.deepEqual((await pruneLocation(orderFor(location, bench.clock))).removed, []);
  assert.equal(bench.places.slugs("away").length, 6);
});

test("a removal that fails is told, and the next prune does what is left", async (context) => {
  const bench = await setUp(context);
  await nights(bench, 6);
  let fails = true;
  const failing = (storage: StorageProvider): StorageProvider =>
    new Proxy(storage, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          if (name === "remove" && fails && args[0] === `backup-${slugNumber(2)}.tar`)
            return Promise.reject(new SafehouseError("read-only", "The share is read-only"));
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
  const prune = () => pruneLocation(orderFor(bench.places.open("nas", failing), bench.clock));
  await assert.rejects(prune(), { problem: "read-only" });
  assert.deepEqual(bench.places.slugs("nas"), [2, 3, 4, 5, 6].map(slugNumber));
  fails = false;
  assert.deepEqual(removedBy(await prune()), [2, 3].map(slugNumber));
});

test("notes and indexes that a killed prune has left beside nothing are removed by the next", async (context) => {
  const bench = await setUp(context);
  await nights(bench, 3);
  rmSync(`${bench.places.path("nas")}/backup-${slugNumber(1)}.tar`);
  const onItsWay = `${bench.places.path("nas")}/.safehouse/abcdef01.index`;
  writeFileSync(onItsWay, "of an archive that is still being written");
  bench.clock.time = Date.now();
  await pruneLocation(orderFor(bench.places.open("nas"), bench.clock));
  assert.deepEqual(bench.places.files("nas"), [
    ".safehouse/00000002.index",
    ".safehouse/00000002.json",
    ".safehouse/00000003.index",
    ".safehouse/00000003.json",
    ".safehouse/abcdef01.index",
    "backup-00000002.tar",
    "backup-00000003.tar",
  ]);
});
