import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { leftovers } from "#test/leftovers.ts";
import { loops } from "#test/loops.ts";
import { Bench, describe, documentOf, type JsonValue } from "#test/safehouse.ts";

const moments = loops(3);

/** A second location, beside that of the bench. */
function addNas(bench: Bench): string {
  const nas = `${bench.folder}/nas`;
  mkdirSync(nas);
  return nas;
}

function toBoth(bench: Bench, nas: string): string[] {
  return ["--location", bench.location, "--location", nas];
}

test("a backup that goes to two locations lies at both, and a third that is away is told of", async () => {
  using bench = new Bench();
  const nas = addNas(bench);
  const away = `${bench.folder}/away`;
  const to = [...toBoth(bench, nas), "--location", away];
  const outcome = await bench.run("backups", "new", "--folders", "ssl", ...to, "--json");
  assert.equal(outcome.code, 3, describe(outcome));
  const made = documentOf(outcome);
  assert.deepEqual(
    made.list("copies").map((copy) => [copy.at("location"), copy.at("state")]),
    [
      [bench.location, "verified"],
      [nas, "verified"],
      [away, "missing"],
    ],
  );
  assert.equal(existsSync(away), false);
  const file = made.text("fileName");
  assert.ok(readFileSync(`${nas}/${file}`).equals(readFileSync(`${bench.location}/${file}`)));
  const info = (await bench.run("runs", "info", made.text("run"))).out;
  assert.match(info, /^State +incomplete$/m);
  for (const line of [
    `deliver at ${nas}: done`,
    `verify at ${nas}: done`,
    `deliver at ${away}: failed`,
  ])
    assert.ok(info.includes(line), info);
  const text = await bench.run("backups", "new", "--folders", "ssl", ...to);
  assert.match(text.out, /^Copy at .*\/nas: read back and proven$/m);
  assert.match(text.out, /^Copy at .*\/away: NOT there: /m);
});

test("the same location twice is refused before anything is made", async () => {
  using bench = new Bench();
  const twice = ["--location", bench.location, "--location", `${bench.location}/../backups`];
  const outcome = await bench.run("backups", "new", ...twice);
  assert.equal(outcome.code, 2, describe(outcome));
  assert.deepEqual(bench.archives(), []);
});

test("a backup is copied to another location with its key, again without harm, and never over another", async () => {
  using bench = new Bench();
  const nas = addNas(bench);
  await bench.json("keys", "new");
  const slug = (await bench.json("backups", "new", "--folders", "ssl")).text("slug");
  for (let time = 0; time < 2; time += 1) {
    const copied = await bench.json("backups", "copy", slug, "--to", nas);
    assert.deepEqual(
      copied.list("copies").map((copy) => [copy.at("location"), copy.at("verdict")]),
      [[nas, "proven"]],
    );
  }
  const [there] = (await bench.json("backups", "list", "--location", nas)).list("backups");
  assert.equal(there?.at("verification", "verdict"), "proven");
  assert.equal((await bench.run("backups", "copy", "01234567", "--to", nas)).code, 10);
  assert.equal((await bench.run("backups", "copy", slug, "--to", `${bench.folder}/away`)).code, 32);
  assert.equal((await bench.run("backups", "copy", slug, "--to", nas, "--to", nas)).code, 2);
});

test("after a kill at any moment of a run over two locations both say what the run says", async () => {
  using bench = new Bench({ mediaBytes: 40_000_000 });
  const nas = addNas(bench);
  const { took } = await bench.run("backups", "new", ...toBoth(bench, nas));
  for (let kill = 0; kill < moments; kill += 1) {
    const before = new Set((await runsOf(bench)).map((run) => run.text("id")));
    const { child, ended } = bench.start("backups", "new", ...toBoth(bench, nas));
    // Nothing is at work in the first third: the program starts.
    await pause((1 / 3 + (2 / 3) * ((kill + Math.random()) / moments)) * took);
    child.kill("SIGKILL");
    await ended;
    for (const run of await runsOf(bench)) {
      if (before.has(run.text("id"))) continue;
      await isTrueAt(bench, run, bench.location);
      await isTrueAt(bench, run, nas);
    }
    assert.deepEqual(leftovers(bench, await slugsAt(bench, bench.location)), []);
    assert.deepEqual(await straysAt(bench, nas), []);
  }
  await bench.json("backups", "new", "--folders", "ssl", ...toBoth(bench, nas), "--no-queue");
});

test("after a kill at any moment of a prune the next one does the rest, and nothing is left half", async () => {
  using bench = new Bench();
  const all: string[] = [];
  for (let made = 0; made < 3; made += 1)
    all.unshift((await bench.json("backups", "new", "--folders", "ssl")).text("slug"));
  const prune = ["backups", "prune", "--keep-copies", "2"];
  const { took } = await bench.run(...prune, "--dry-run");
  for (let kill = 0; kill < moments; kill += 1) {
    makeOld(bench);
    const { child, ended } = bench.start(...prune);
    await pause((1 / 3 + ((kill + Math.random()) / moments) * 0.8) * took);
    child.kill("SIGKILL");
    await ended;
    for (const run of await runsOf(bench)) assert.ok(run.at("ended") !== undefined);
    const left = await slugsAt(bench, bench.location);
    assert.deepEqual(left.slice(0, 2), all.slice(0, 2));
    assert.deepEqual(leftovers(bench, left), []);
    await bench.json(...prune);
    assert.deepEqual(await slugsAt(bench, bench.location), all.slice(0, 2));
    all.unshift((await bench.json("backups", "new", "--folders", "ssl")).text("slug"));
  }
});

test("a copy is taken from a good one, wherever that is, unless its location is named", async () => {
  using bench = new Bench();
  bench.env["SAFEHOUSE_LOCATION"] = "";
  for (const id of ["bad", "good", "new"])
    await bench.json("locations", "add", id, "--path", `${bench.folder}/${id}`);
  const to = ["--location", "bad", "--location", "good"];
  const made = await bench.json("backups", "new", "--folders", "ssl", ...to);
  writeFileSync(`${bench.folder}/bad/${made.text("fileName")}`, "damaged");
  const copied = await bench.json("backups", "copy", made.text("slug"), "--to", "new");
  assert.equal(copied.at("copies", 0, "verdict"), "proven");
  const named = ["--location", "backup", "--to", "new"];
  assert.equal((await bench.run("backups", "copy", made.text("slug"), ...named)).code, 10);
});

test("a cancel while a copy is on its way ends the run within ten seconds and gives the space back", async () => {
  using bench = new Bench({ mediaBytes: 300_000_000 });
  const nas = addNas(bench);
  const running = bench.start("backups", "new", ...toBoth(bench, nas), "--json");
  const isDelivering = (): boolean => readdirSync(nas).some((name) => name.endsWith(".tmp"));
  while (running.child.exitCode === null && !isDelivering()) await pause(2);
  assert.ok(isDelivering(), "the copy is on its way");
  // It stands still until it has been asked: starting the asking command takes longer than the copy.
  running.child.kill("SIGSTOP");
  const [id = ""] = rowsOf(bench, "SELECT id FROM run");
  const cancelling = bench.start("runs", "cancel", id, "--json");
  const patience = AbortSignal.timeout(30_000);
  const asked = "SELECT id FROM run WHERE cancel_asked IS NOT NULL";
  while (rowsOf(bench, asked).length === 0 && !patience.aborted) await pause(5);
  running.child.kill("SIGCONT");
  const cancelled = await cancelling.ended;
  const made = await running.ended;
  assert.equal(cancelled.code, 0, describe(cancelled));
  assert.equal(made.code, 130, describe(made));
  const run = await bench.json("runs", "info", id);
  assert.equal(run.at("state"), "cancelled");
  assert.ok(Date.parse(run.text("ended")) - Date.parse(run.text("cancelAsked")) < 10_000);
  assert.deepEqual(filesIn(nas), []);
});

test("pain 6: a prune shows what would go, stops, and goes on when agreed to", async () => {
  using bench = new Bench();
  for (let made = 0; made < 6; made += 1) await bench.json("backups", "new", "--folders", "ssl");
  const prune = ["backups", "prune", "--keep-copies", "2"];
  const preview = await bench.json(...prune, "--dry-run");
  assert.equal(preview.list("removed").length, 4);
  assert.match(preview.text("removed", 0, "reasons", 0, "text"), /^Not among the newest 2/);
  const stopped = await bench.run(...prune, "--json");
  assert.equal(stopped.code, 43, describe(stopped));
  assert.equal(bench.archives().length, 6);
  const token = documentOf(stopped).text("error", "facts", "token");
  assert.equal(token, preview.text("stop", "token"));
  const pruned = await bench.json(...prune, "--confirm", token);
  assert.deepEqual(
    pruned.list("removed").map((copy) => copy.text("slug")),
    preview
      .list("removed")
      .map((copy) => copy.text("slug"))
      .toReversed(),
  );
  assert.equal(bench.archives().length, 2);
  const states = (await runsOf(bench)).slice(0, 2).map((run) => run.at("state"));
  assert.deepEqual(states, ["done", "failed"]);
});

test("core#138702: a rule that says nothing, or nought, prunes nothing", async () => {
  using bench = new Bench();
  await bench.json("backups", "new", "--folders", "ssl");
  for (const rule of [[], ["--keep-copies", "0"], ["--keep-days", "forever"], ["--keep-daily", ""]])
    assert.equal((await bench.run("backups", "prune", ...rule)).code, 2, rule.join(" "));
  assert.equal(bench.archives().length, 1);
});

/** What a run says about a location is what lies there. */
async function isTrueAt(bench: Bench, run: JsonValue, location: string): Promise<void> {
  const steps = run.list("steps").filter((step) => step.at("location") === location);
  assert.ok(typeof run.at("ended") === "string", "it has ended");
  const stateOf = (...kinds: string[]): unknown =>
    steps.find((step) => kinds.includes(step.text("kind")))?.at("state");
  const isThere = existsSync(`${location}/${String(run.at("backup", "fileName"))}`);
  // A copy that arrived as its process died is there although nobody could say so.
  if (stateOf("make", "deliver") === "done") assert.ok(isThere, JSON.stringify(run.value));
  else if (stateOf("make") !== undefined) assert.ok(!isThere, JSON.stringify(run.value));
  if (stateOf("verify") !== "done") return;
  const [listed] = (await bench.json("backups", "list", "--location", location)).list("backups");
  assert.equal(listed?.at("slug"), run.text("backup", "slug"));
  assert.equal(listed.at("verification", "verdict"), "proven");
}

/** What lies at a location that is neither an archive nor belongs beside one. */
async function straysAt(bench: Bench, location: string): Promise<string[]> {
  const slugs = await slugsAt(bench, location);
  return filesIn(location).filter((file) => {
    const slug = /^\.safehouse\/([0-9a-f]{8})\.(json|index)$/.exec(file)?.[1];
    return slug === undefined ? !/^[^./]+.*\.tar$/.test(file) : !slugs.includes(slug);
  });
}

/** As if everything at the location had lain there for days. */
function makeOld(bench: Bench): void {
  for (const file of filesIn(bench.location)) {
    const time = Date.now() / 1000 - 5 * 86_400;
    utimesSync(`${bench.location}/${file}`, time, time);
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name !== ".safehouse",
  );
}

async function slugsAt(bench: Bench, location: string): Promise<string[]> {
  const listing = await bench.json("backups", "list", "--location", location);
  assert.deepEqual(listing.at("others"), []);
  return listing.list("backups").map((backup) => {
    assert.deepEqual(backup.at("problems"), []);
    return backup.text("slug");
  });
}

async function runsOf(bench: Bench): Promise<JsonValue[]> {
  return (await bench.json("runs", "list")).list("runs");
}

/** Ids, read without the command line, which is slow beside a small backup. */
function rowsOf(bench: Bench, query: string): string[] {
  using state = new DatabaseSync(`${bench.dataDir}/safehouse.db`, {
    readOnly: true,
    timeout: 5000,
  });
  return state
    .prepare(query)
    .all()
    .map(({ id }) => String(id));
}
