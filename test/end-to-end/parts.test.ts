import assert from "node:assert/strict";
import { test } from "node:test";
import { damageHome } from "#test/damage-home.ts";
import { readDatabase } from "#test/database-rows.ts";
import { Bench, describe } from "#test/safehouse.ts";
import type { JsonValue } from "#test/safehouse.ts";
import { samePicture } from "#test/same-picture.ts";
import { sourcePicture } from "#test/source-picture.ts";
import { pictureOf } from "#test/tree-picture.ts";

test("a partial backup holds only what was named", async () => {
  using bench = new Bench();
  const some = await bench.json(
    "backups",
    "new",
    "--folders",
    "ssl,addons/local",
    "--app",
    "local_own",
  );
  assert.deepEqual(partsOf(some), ["local_own", "addons/local", "ssl"]);
  assert.equal(some.at("type"), "partial");
  const apps = await bench.json("backups", "new", "--app", "ALL");
  assert.deepEqual(partsOf(apps), ["core_mosquitto", "local_own"]);
  const config = await bench.json("backups", "new", "--homeassistant");
  assert.deepEqual(partsOf(config), ["homeassistant"]);
  const unknown = await bench.run("backups", "new", "--app", "nobody");
  assert.equal(unknown.code, 10, describe(unknown));
});

test("a partial restore changes only what was named", async () => {
  using bench = new Bench();
  const source = sourcePicture(bench.home);
  const slug = (await bench.json("backups", "new")).text("slug");
  damageHome(bench.home);
  for (const { flags, folders } of [
    { flags: ["--folders", "ssl"], folders: ["ssl"] },
    { flags: ["--folders", "share,addons/local"], folders: ["share", "addons/local"] },
    { flags: ["--app", "core_mosquitto"], folders: ["data/core_mosquitto"] },
    { flags: ["--app", "ALL"], folders: ["data/core_mosquitto", "data/local_own"] },
    { flags: ["--homeassistant"], folders: ["config"] },
  ]) {
    const rest = pictureOf(bench.home, (path) => folders.includes(path));
    await bench.json("backups", "restore", slug, ...flags, "--replace-undo");
    samePicture(
      pictureOf(bench.home, (path) => folders.includes(path)).filter(notOurs),
      rest.filter(notOurs),
    );
    for (const folder of folders)
      samePicture(below(sourcePicture(bench.home), folder), below(source, folder));
  }
});

test("the database stays when it is not asked for, and goes into no backup then", async () => {
  using bench = new Bench();
  const without = "--homeassistant-exclude-database";
  const full = (await bench.json("backups", "new")).text("slug");
  const bare = (await bench.json("backups", "new", "--homeassistant", without)).text("slug");
  const info = await bench.json("backups", "info", bare);
  assert.equal(info.at("homeassistant", "databaseIncluded"), false);
  const { file } = { file: info.text("file") };
  const files = await bench.startPlain(
    "archive",
    "list",
    `${bench.location}/${file}`,
    "homeassistant",
  ).ended;
  assert.match(files.out, /zigbee\.db/);
  assert.doesNotMatch(files.out, /home-assistant_v2/);

  damageHome(bench.home);
  const database = `${bench.home}/config/home-assistant_v2.db`;
  const now = readDatabase(database, "SELECT * FROM states");
  await bench.json("backups", "restore", full, without);
  assert.deepEqual(readDatabase(database, "SELECT * FROM states"), now);
  await bench.json("backups", "restore", bare, "--replace-undo");
  assert.deepEqual(readDatabase(database, "SELECT * FROM states"), now);
  await bench.json("backups", "restore", full, "--replace-undo");
  assert.equal(readDatabase(database, "SELECT * FROM states").rows.length, 500);
});

function partsOf(backup: JsonValue): unknown[] {
  return backup.list("parts").map((part) => part.at("part"));
}

/** Folders of ours come and go with undos; times of folders that hold the parts change with them. */
function notOurs(line: string): boolean {
  return !/^"[^"]*\.safehouse/.test(line) && !/^"(data|addons)?" /.test(line);
}

function below(picture: readonly string[], folder: string): string[] {
  return picture.filter((line) => line.startsWith(`"${folder}"`) || line.startsWith(`"${folder}/`));
}
