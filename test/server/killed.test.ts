import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { damageHome } from "#test/damage-home.ts";
import { leftovers, stageFolders } from "#test/leftovers.ts";
import { loops } from "#test/loops.ts";
import { Bench, type JsonValue } from "#test/safehouse.ts";
import { samePicture } from "#test/same-picture.ts";
import { TestServer } from "#test/server.ts";
import { pictureOf } from "#test/tree-picture.ts";

const kills = loops(2);
const mediaBytes = 12_000_000;

/** Who dies: the server by itself, as of the kernel's memory killer; or all, as when a container dies. */
const deaths = {
  "the server alone": (server: TestServer) => server.stop("SIGKILL"),
  "server and workers": (server: TestServer) => server.killAll(),
} as const;

for (const [who, die] of Object.entries(deaths)) {
  test(`${who}, killed during a backup: the next start needs no help`, async () => {
    using bench = new Bench({ mediaBytes });
    await killAgainAndAgain(bench, die, (server) => server.run("/backups"));
  });

  test(`${who}, killed while a backup is being cancelled: the next start needs no help`, async () => {
    using bench = new Bench({ mediaBytes });
    await killAgainAndAgain(bench, die, cancelledBackup);
  });

  test(`${who}, killed during a restore: the home is wholly old or wholly new`, async () => {
    using bench = new Bench({ mediaBytes });
    await using stack = new AsyncDisposableStack();
    let server = stack.use(await TestServer.start(bench));
    const { slug, took, old, fresh } = await restorePictures(bench, server);
    for (let kill = 0; kill < kills; kill += 1) {
      const restored = unlessKilled(server.run(`/backups/${slug}/restore`, agreed));
      await pause(moment(kill, took));
      await die(server);
      await restored;
      server = stack.use(await TestServer.start(bench));
      const [run] = await settledRuns(server);
      const isFresh = (await server.home("/restore")).at("undo") !== null;
      samePicture(wholePicture(bench.home), isFresh ? fresh : old, JSON.stringify(run?.value));
      if (isFresh) assert.equal((await server.run("/restore/undo", agreed)).at("state"), "done");
      assert.deepEqual(stageFolders(bench.home), []);
      samePicture(wholePicture(bench.home), old);
      assert.deepEqual(leftovers(bench, [slug]), []);
    }
  });
}

for (const [how, end] of [
  ["killed", (server: TestServer) => server.killAll()],
  ["stopped", (server: TestServer) => server.stop("SIGTERM")],
] as const) {
  test(`a backup that was on its way to another location when its server was ${how} arrives there after the next start`, async () => {
    using bench = new Bench({ mediaBytes: 60_000_000 });
    await using stack = new AsyncDisposableStack();
    const first = stack.use(await TestServer.start(bench));
    const nas = { id: "nas", settings: { path: `${bench.folder}/nas` } };
    await first.home("/locations", { json: nas });
    const json = { locations: ["backup", "nas"] };
    const id = (await first.home("/backups", { json })).text("run");
    const runOf = (server: TestServer): Promise<JsonValue> => server.home(`/runs/${id}`);
    while ((await runOf(first)).at("steps", 0, "state") !== "done") await pause(5);
    await end(first);
    const next = stack.use(await TestServer.start(bench));
    let run = await runOf(next);
    for (; run.at("ended") === undefined; run = await runOf(next)) await pause(50);
    assert.equal(run.at("state"), "done", JSON.stringify(run.value, undefined, 2));
    const log = run
      .list("steps")
      .flatMap((step) => step.list("log").map((line) => line.text("text")));
    assert.match(log.join("\n"), /The process that ran it ended at /);
    for (const location of ["backup", "nas"]) {
      const listing = await next.home(`/backups?location=${location}&fresh=true`);
      assert.equal(listing.list("backups").length, 1, location);
    }
  });
}

/** Kills a server at moments spread over some work, starts the next one, and has that one killed in turn. */
async function killAgainAndAgain(
  bench: Bench,
  die: (server: TestServer) => Promise<unknown>,
  work: (server: TestServer) => Promise<unknown>,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  let server = stack.use(await TestServer.start(bench));
  const took = await timeOf(() => work(server));
  for (let kill = 0; kill < kills; kill += 1) {
    const working = unlessKilled(work(server));
    await pause(moment(kill, took));
    await die(server);
    await working;
    server = stack.use(await TestServer.start(bench));
    await mustBeInOrder(bench, server);
  }
  const next = await server.run("/backups");
  assert.equal(next.at("state"), "done", JSON.stringify(next.value));
}

const agreed = { stopped: true };

async function restorePictures(bench: Bench, server: TestServer) {
  const slug = (await server.run("/backups")).text("backup", "slug");
  damageHome(bench.home);
  const old = wholePicture(bench.home);
  const took = await timeOf(async () => {
    assert.equal((await server.run(`/backups/${slug}/restore`, agreed)).at("state"), "done");
  });
  const fresh = wholePicture(bench.home);
  assert.equal((await server.run("/restore/undo", agreed)).at("state"), "done");
  samePicture(wholePicture(bench.home), old);
  return { slug, took, old, fresh };
}

async function cancelledBackup(server: TestServer): Promise<void> {
  const id = (await server.home("/backups", { json: {} })).text("run");
  await server.ask(`/api/v1/homes/home/runs/${id}/cancel`, { method: "POST", json: {} });
}

/** All that was begun has ended truthfully, nothing half is there, and nothing is left. */
async function mustBeInOrder(bench: Bench, server: TestServer): Promise<void> {
  const runs = await settledRuns(server);
  const listing = await server.home("/backups");
  assert.deepEqual(listing.at("others"), []);
  const slugs = listing.list("backups").map((backup) => {
    assert.deepEqual(backup.at("problems"), []);
    return backup.text("slug");
  });
  for (const run of runs) mustBeTrue(run, slugs);
  assert.deepEqual(leftovers(bench, slugs), []);
  assert.equal(bench.archives().length, slugs.length);
}

/** What a run says that it has made is there, and what it says that it has not made is not. */
function mustBeTrue(run: JsonValue, slugs: readonly string[]): void {
  const [make] = run.list("steps");
  const slug = run.at("backup", "slug");
  const isThere = slugs.some((known) => known === slug);
  assert.equal(isThere, make?.at("state") === "done", JSON.stringify(run.value, undefined, 2));
}

/** The runs, once all of them have ended; those of workers that live go on by themselves. */
async function settledRuns(server: TestServer): Promise<readonly JsonValue[]> {
  for (const patience = AbortSignal.timeout(60_000); ; await pause(50)) {
    await server.alone();
    const runs = (await server.home("/runs")).list("runs");
    const open = runs.filter((run) => run.at("ended") === undefined);
    if (open.length === 0) return runs;
    assert.ok(!patience.aborted, JSON.stringify(open[0]?.value, undefined, 2));
  }
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Moments spread over a run, each somewhere in its own stretch of it. */
function moment(kill: number, took: number): number {
  return ((kill + Math.random()) / kills) * took;
}

/** Whoever asks a server that is killed may get no answer. */
async function unlessKilled(asked: Promise<unknown>): Promise<void> {
  await asked.catch((error: unknown) => {
    if (!/fetch failed|terminated/.test(String(error))) throw error;
  });
}

function wholePicture(home: string): string[] {
  return pictureOf(home, (path) => /(^|\/)\.safehouse$/.test(path));
}
