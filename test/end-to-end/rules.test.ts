import assert from "node:assert/strict";
import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Bench, describe } from "#test/safehouse.ts";
import type { JsonValue } from "#test/safehouse.ts";

test("what a rule left out survives a full restore, and so do backups in the home", async () => {
  using bench = new Bench();
  const slug = (await bench.json("backups", "new", "--rule", "media/doorbell/")).text("slug");
  writeFileSync(`${bench.home}/media/doorbell/2.jpg`, "since");
  writeFileSync(`${bench.home}/media/added.mp4`, "since");
  writeFileSync(`${bench.home}/config/backups/newer.tar`, "since");
  const dryRun = await bench.json("backups", "restore", slug, "--dry-run");
  assert.deepEqual(planOf(dryRun, "media", "removed"), ["added.mp4"]);
  await bench.json("backups", "restore", slug);
  assert.ok(!existsSync(`${bench.home}/media/added.mp4`));
  assert.equal(readFileSync(`${bench.home}/media/doorbell/2.jpg`, "utf8"), "since");
  assert.ok(existsSync(`${bench.home}/media/doorbell/1.jpg`));
  assert.ok(existsSync(`${bench.home}/config/backups/older.tar`));
  assert.ok(existsSync(`${bench.home}/config/backups/newer.tar`));
  assert.ok(existsSync(`${bench.home}/config/home-assistant.log`));
});

test("an exact restore also removes what is kept otherwise", async () => {
  using bench = new Bench();
  const rule = ["--rule", "media/doorbell/"];
  const made = await bench.json("backups", "new", ...rule, "--homeassistant-exclude-database");
  await bench.json("backups", "restore", made.text("slug"), "--exact");
  assert.ok(!existsSync(`${bench.home}/media/doorbell`));
  assert.ok(!existsSync(`${bench.home}/config/backups/older.tar`));
  assert.ok(!existsSync(`${bench.home}/config/home-assistant_v2.db`));
  await bench.json("restore", "undo");
  assert.ok(existsSync(`${bench.home}/media/doorbell/1.jpg`));
  assert.ok(existsSync(`${bench.home}/config/backups/older.tar`));
  assert.ok(existsSync(`${bench.home}/config/home-assistant_v2.db`));
});

test("a preview counts what is then left out", async () => {
  using bench = new Bench();
  const rules = ["media/**", "!media/doorbell/**", "*.js > 4 kB", "CACHEDIR.TAG", "share/tool/"];
  const flags = rules.flatMap((rule) => ["--rule", rule]);
  const preview = await bench.json("rules", "preview", ...flags);
  const made = await bench.json("backups", "new", ...flags);
  const files = await filesIn(bench, made.text("fileName"));

  const left = (text: string): JsonValue | undefined =>
    preview.list("rules").find((rule) => rule.at("rule") === text);
  const sizes = ["film.mp4", "cache/CACHEDIR.TAG"].map(
    (name) => lstatSync(`${bench.home}/media/${name}`).size,
  );
  assert.equal(left("media/**")?.at("files"), sizes.length);
  assert.equal(
    left("media/**")?.at("bytes"),
    sizes.reduce((sum, size) => sum + size, 0),
  );
  assert.equal(left("CACHEDIR.TAG")?.at("files"), 1);
  assert.equal(left("*.js > 4 kB")?.at("files"), 1);
  assert.equal(left("share/tool/")?.at("files"), 2, "links do not count");
  for (const part of preview.list("parts")) {
    const name = part.text("part");
    const found = files.filter((file) => file.at("part") === name && isOfHome(file));
    assert.equal(part.at("files"), found.length, `files of ${name}`);
    const bytes = found.reduce((sum, file) => sum + Number(file.at("size")), 0);
    if (name !== "homeassistant") assert.equal(part.at("bytes"), bytes, `bytes of ${name}`);
  }
  assert.deepEqual(pathsOf(files, "media"), ["doorbell/1.jpg"]);
  assert.ok(!pathsOf(files, "homeassistant").includes("data/www/community/card.js"));
});

test("a valid cache tag leaves out what lies beside it, and an exception brings it back", async () => {
  using bench = new Bench();
  const tagged = await bench.json("backups", "new", "--folders", "media", "--rule", "CACHEDIR.TAG");
  const without = pathsOf(await filesIn(bench, tagged.text("fileName")), "media");
  assert.deepEqual(without, ["cache/CACHEDIR.TAG", "doorbell/1.jpg", "film.mp4"]);
  const rules = ["--rule", "CACHEDIR.TAG", "--rule", "!thumbnail"];
  const excepted = await bench.json("backups", "new", "--folders", "media", ...rules);
  const paths = pathsOf(await filesIn(bench, excepted.text("fileName")), "media");
  assert.ok(paths.includes("cache/thumbnail"));
});

test("saved rules hold for every backup, unless they are declined", async () => {
  using bench = new Bench();
  await bench.json("rules", "add", "*.mp4", "media/cache/");
  await bench.json("rules", "remove", "media/cache/");
  assert.deepEqual((await bench.json("rules", "list")).at("rules"), ["*.mp4"]);
  const media = async (...flags: readonly string[]): Promise<string[]> => {
    const made = await bench.json("backups", "new", "--folders", "media", ...flags);
    return pathsOf(await filesIn(bench, made.text("fileName")), "media");
  };
  assert.ok(!(await media()).includes("film.mp4"));
  assert.ok((await media("--no-saved-rules")).includes("film.mp4"));
  assert.ok((await media("--rule", "!film.mp4")).includes("film.mp4"));
  const wrong = await bench.run("rules", "add", "*.mp4 > many");
  assert.equal(wrong.code, 2, describe(wrong));
  const unknown = await bench.run("rules", "remove", "never saved");
  assert.equal(unknown.code, 10, describe(unknown));
  rmSync(`${bench.dataDir}/safehouse.db`, { force: true });
  assert.deepEqual((await bench.json("rules", "list")).at("rules"), ["*.mp4"], "without the cache");
});

async function filesIn(bench: Bench, file: string): Promise<JsonValue[]> {
  const document = await bench.json("archive", "list", `${bench.location}/${file}`, "--files");
  return document.list().filter((entry) => entry.at("type") === "file");
}

function pathsOf(files: readonly JsonValue[], part: string): string[] {
  return files.filter((file) => file.at("part") === part).map((file) => file.text("path"));
}

/** Not made for the archive, as the documents beside the data and the empty logs of databases are. */
function isOfHome(file: JsonValue): boolean {
  const path = file.text("path");
  return !/^\.\/|\.db-wal$/.test(path);
}

function planOf(restore: JsonValue, part: string, what: string): unknown {
  return restore
    .list("plan", "parts")
    .find((plan) => plan.at("part") === part)
    ?.at(what);
}
