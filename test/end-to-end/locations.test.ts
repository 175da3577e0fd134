import assert from "node:assert/strict";
import {
  copyFileSync,
  globSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { filesWith } from "#test/files-with.ts";
import { Bench, describe, documentOf, type JsonValue, type Outcome } from "#test/safehouse.ts";

/** A home that is set up, with a second location `nas`; no command names one unless it says so. */
async function benchWithNas(): Promise<{ readonly bench: Bench; readonly nas: string }> {
  const bench = new Bench();
  bench.env["SAFEHOUSE_LOCATION"] = "";
  await bench.json("init", "--location", bench.location);
  const nas = join(bench.folder, "nas");
  await bench.json("locations", "add", "nas", "--name", "NAS", "--path", nas);
  return { bench, nas };
}

const make = async (bench: Bench, ...args: readonly string[]): Promise<JsonValue> =>
  bench.json("backups", "new", "--folders", "ssl", ...args);

/** Locations of each backup, newest first. */
function places(listing: JsonValue): string[][] {
  return listing
    .list("backups")
    .map((backup) => backup.list("copies").map((copy) => copy.text("location")));
}

async function fails(outcome: Promise<Outcome>, problem: string): Promise<string> {
  const ended = await outcome;
  const document = documentOf(ended);
  assert.equal(document.at("error", "problem"), problem, describe(ended));
  return document.text("error", "message");
}

test("backups go to the location that is named by id, by path, or by default", async () => {
  const { bench, nas } = await benchWithNas();
  using _ = bench;
  assert.equal((await make(bench)).at("location"), "backup");
  assert.equal((await make(bench, "--location", "nas")).at("location"), "nas");
  assert.equal((await make(bench, "--location", nas)).at("location"), "nas", "its path names it");
  const elsewhere = join(bench.folder, "elsewhere");
  mkdirSync(elsewhere);
  assert.equal((await make(bench, "--location", elsewhere)).at("location"), elsewhere);
  await bench.json("locations", "default", "nas");
  assert.equal((await make(bench)).at("location"), "nas");
  assert.equal(readdirSync(nas).filter((name) => name.endsWith(".tar")).length, 3);
  assert.equal(bench.archives().length, 1);
  await fails(bench.run("backups", "new", "--location", "nass", "--json"), "not-found");
  await fails(bench.run("init", "--location", "nas", "--json"), "usage");
});

test("settings from before there were locations go on working", async () => {
  using bench = new Bench();
  bench.env["SAFEHOUSE_LOCATION"] = "";
  mkdirSync(bench.dataDir);
  const config = join(bench.home, "config");
  const home = { paths: { config, location: bench.location }, rules: ["*.mp4"] };
  const settings = { version: 1, homes: { home } };
  writeFileSync(join(bench.dataDir, "settings.json"), JSON.stringify(settings));
  const made = await bench.json("backups", "new", "--homeassistant");
  assert.equal(made.at("location"), "backup");
  assert.deepEqual(bench.archives(), [made.text("fileName")]);
  assert.deepEqual((await bench.json("rules", "list")).at("rules"), ["*.mp4"]);
});

test("a backup is listed once with all its copies, and told, pinned and removed wherever it is", async () => {
  const { bench, nas } = await benchWithNas();
  using _ = bench;
  const made = await make(bench);
  const file = made.text("fileName");
  copyFileSync(join(bench.location, file), join(nas, file));
  await make(bench, "--location", "nas");
  const slug = made.text("slug");
  assert.deepEqual(places(await bench.json("backups", "list")), [["nas"], ["backup", "nas"]]);
  const text = (await bench.run("backups", "list")).out;
  assert.match(text, /LOCATIONS.*\n.* nas .*\n.* backup, nas /);
  const one = await bench.json("backups", "list", "--location", "nas");
  assert.equal(one.list("backups").length, 2);

  await bench.json("backups", "pin", slug, "--location", "nas");
  const info = await bench.json("backups", "info", slug);
  assert.deepEqual(
    info.list("copies").map((copy) => [copy.at("location"), copy.at("pinned")]),
    [
      ["backup", false],
      ["nas", true],
    ],
  );
  await bench.json("backups", "pin", slug);
  await bench.json("backups", "unpin", slug, "--location", "backup");
  assert.match((await bench.run("backups", "list")).out, /backup, nas \(pinned\)/);

  const removed = await bench.json("backups", "remove", slug, "--location", "backup");
  assert.deepEqual([removed.at("removed"), removed.at("slug")], [file, slug]);
  assert.deepEqual(places(await bench.json("backups", "list")), [["nas"], ["nas"]]);
  copyFileSync(join(nas, file), join(bench.location, file));
  await bench.json("backups", "remove", slug);
  assert.deepEqual(places(await bench.json("backups", "list")), [["nas"]]);
  assert.deepEqual(globSync(`**/${slug}*`, { cwd: bench.folder }), []);
});

test("what a catalogue is rebuilt from lies at the places: pins, notes and verifications too", async () => {
  const { bench, nas } = await benchWithNas();
  using _ = bench;
  await bench.json("keys", "new");
  const secret = await make(bench);
  const plain = await make(bench, "--no-encryption", "--location", "nas");
  const file = secret.text("fileName");
  copyFileSync(join(bench.location, file), join(nas, file));
  await bench.json("backups", "note", secret.text("slug"), "Anna moved out");
  await bench.json("backups", "note", plain.text("slug"), "Before the upgrade");
  await bench.json("backups", "pin", secret.text("slug"), "--location", "nas");
  const tell = async () => {
    const listing = await bench.json("backups", "list");
    const infos = [secret, plain].map((made) => bench.json("backups", "info", made.text("slug")));
    return [listing.at("backups"), (await Promise.all(infos)).map(({ value }) => value)];
  };
  const before = await tell();
  for (const name of readdirSync(bench.dataDir).filter((entry) => entry.startsWith("safehouse.db")))
    rmSync(join(bench.dataDir, name));
  const reloaded = await bench.json("backups", "reload");
  assert.deepEqual([reloaded.at("backups"), reloaded.at("others")], [2, 0]);
  assert.deepEqual(await tell(), before);

  const info = await bench.json("backups", "info", secret.text("slug"));
  assert.deepEqual(
    info.list("copies").map((copy) => [copy.at("noteText"), copy.at("pinned") ?? "unknown"]),
    [
      ["Anna moved out", false],
      ["Anna moved out", true],
    ],
  );
  for (const place of [bench.location, nas, bench.dataDir])
    assert.deepEqual(filesWith(place, ["Anna"]), [], "nobody reads it at the place");
});

test("a note on an encrypted backup needs what opens it", async () => {
  using bench = new Bench();
  const made = await make(bench, "--password", "correct horse");
  const note = ["backups", "note", made.text("slug"), "Secret"] as const;
  await fails(bench.run(...note, "--json"), "password-needed");
  const wrong = bench.run(...note, "--password", "battery staple", "--json");
  await fails(wrong, "wrong-password");
  await bench.json(...note, "--password", "correct horse");
  assert.deepEqual(filesWith(bench.location, ["Secret"]), []);
  const { out } = await bench.run("backups", "info", made.text("slug"));
  assert.match(out, /Note +encrypted, and no key of the key ring opens it/);
});

test("a place that is away loses nothing, is named, and stands in nobody's way", async () => {
  const { bench, nas } = await benchWithNas();
  using _ = bench;
  const made = await make(bench);
  const file = made.text("fileName");
  copyFileSync(join(bench.location, file), join(nas, file));
  const before = (await bench.json("backups", "list")).at("backups");
  renameSync(nas, `${nas}-away`);
  const listed = await bench.run("backups", "list", "--json");
  assert.equal(listed.code, 3, describe(listed));
  const listing = documentOf(listed);
  assert.deepEqual(listing.at("backups"), before);
  const [, answer] = listing.list("locations");
  assert.deepEqual([answer?.at("id"), answer?.at("problem", "problem")], ["nas", "unreachable"]);
  assert.match((await bench.run("backups", "list")).out, /Location nas DOES NOT ANSWER/);
  assert.equal((await bench.run("backups", "reload")).code, 3);
  assert.deepEqual(documentOf(await bench.run("backups", "list", "--json")).at("backups"), before);

  const removed = await bench.run("backups", "remove", made.text("slug"), "--json");
  assert.equal(removed.code, 3, describe(removed));
  assert.deepEqual(
    documentOf(removed)
      .list("copies")
      .map((copy) => copy.at("error", "problem") ?? "removed"),
    ["removed", "unreachable"],
  );
  mkdirSync(nas);
  const empty = documentOf(await bench.run("backups", "list", "--json"));
  assert.deepEqual(places(empty), [["nas"]], "a mount point without its share is not the place");
  rmSync(nas, { recursive: true });
  renameSync(`${nas}-away`, nas);
  assert.deepEqual(places(await bench.json("backups", "list")), [["nas"]]);
  rmSync(join(nas, file));
  assert.deepEqual(places(await bench.json("backups", "list")), []);
});

test("a run that was killed at a location is looked after there", async () => {
  const { bench, nas } = await benchWithNas();
  using _ = bench;
  const bytes = Buffer.alloc(300_000_000, "not so easily made small ");
  mkdirSync(join(bench.home, "media"), { recursive: true });
  writeFileSync(join(bench.home, "media/film.mp4"), bytes);
  const { child, ended } = bench.start("backups", "new", "--uncompressed", "--location", "nas");
  while (child.exitCode === null && !isMaking(bench)) await pause(5);
  child.kill("SIGKILL");
  await ended;
  const [run] = (await bench.json("runs", "list")).list("runs");
  assert.equal(run?.at("steps", 0, "location"), "nas");
  assert.match(run.text("steps", 0, "error", "message"), /its leftovers were removed/);
  assert.deepEqual(readdirSync(nas), [".safehouse"]);
  assert.deepEqual(readdirSync(join(nas, ".safehouse")), ["location.json"]);
});

function isMaking({ dataDir }: Bench): boolean {
  try {
    const options = { readOnly: true, timeout: 1000 };
    using database = new DatabaseSync(join(dataDir, "safehouse.db"), options);
    return database.prepare("SELECT id FROM run WHERE backup IS NOT NULL").get() !== undefined;
  } catch (error) {
    // It is not there yet.
    if (error instanceof Error) return false;
    throw error;
  }
}

test("a location is tried out without touching what lies there", async () => {
  const { bench, nas } = await benchWithNas();
  using _ = bench;
  const made = await make(bench, "--location", "nas");
  const before = readdirSync(nas).map((name) => [name, readIfFile(join(nas, name))]);
  const tried = await bench.json("locations", "test", "nas");
  assert.equal(tried.at("kept"), true);
  assert.ok(tried.list("promises").length > 20);
  assert.deepEqual(
    readdirSync(nas).map((name) => [name, readIfFile(join(nas, name))]),
    before,
  );
  assert.ok(before.some(([name]) => name === made.text("fileName")));
  rmSync(nas, { recursive: true });
  await fails(bench.run("locations", "test", "nas", "--json"), "unreachable");
});

function readIfFile(path: string): string | undefined {
  return path.endsWith(".tar") ? readFileSync(path, "latin1") : undefined;
}

test("a location is changed, forgotten and added again, and its backups stay", async () => {
  const { bench, nas } = await benchWithNas();
  using _ = bench;
  const made = await make(bench, "--location", "nas");
  await fails(bench.run("locations", "add", "again", "--path", nas, "--json"), "already-exists");
  await bench.json("locations", "change", "nas", "--name", "Cellar");
  const info = await bench.json("locations", "info", "nas");
  assert.deepEqual([info.at("name"), info.at("backups")], ["Cellar", 1]);
  await fails(bench.run("locations", "remove", "backup", "--json"), "usage");
  await bench.json("locations", "remove", "nas");
  assert.deepEqual(places(await bench.json("backups", "list")), []);
  await bench.json("locations", "add", "cellar", "--path", nas);
  assert.deepEqual(places(await bench.json("backups", "list")), [["cellar"]]);
  assert.equal(readdirSync(nas).filter((name) => name === made.text("fileName")).length, 1);
  await fails(bench.run("locations", "change", "cellar", "--json"), "usage");
  await fails(bench.run("locations", "add", "usb", "--set", "path", "--json"), "usage");
});
