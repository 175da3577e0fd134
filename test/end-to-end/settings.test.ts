import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Bench, describe, documentOf } from "#test/safehouse.ts";

const newPlan =
  "plans new nightly --daily 03:00 --zone Europe/Berlin --location nas --keep-daily 14".split(" ");

async function fill(bench: Bench): Promise<string> {
  await bench.json("init");
  await bench.json("rules", "add", "media/**", "!media/doorbell/**", "*.mp4 > 50 MB");
  const key = (await bench.json("keys", "new", "--name", "Summer house")).text("id");
  await bench.json(...newPlan);
  return key;
}

/** Settings as they lie in a data directory. */
function settingsOf(dataDir: string): unknown {
  return JSON.parse(readFileSync(`${dataDir}/settings.json`, "utf8"));
}

test("settings with their secrets come back in an empty data directory as they were", async () => {
  using bench = new Bench();
  const key = await fill(bench);
  const file = `${bench.folder}/export.yaml`;
  await bench.json("settings", "export", "--with-secrets", "--to", file);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const other = `${bench.folder}/other`;
  const imported = await bench.json("settings", "import", file, "--data-dir", other);
  assert.ok(imported.list("changes").length > 3);
  assert.deepEqual(settingsOf(other), settingsOf(bench.dataDir));
  const [shown, restored] = await Promise.all([
    bench.json("keys", "show", key),
    bench.json("keys", "show", key, "--data-dir", other),
  ]);
  assert.equal(restored.text("key"), shown.text("key"));
  const again = `${bench.folder}/again.yaml`;
  await bench.json("settings", "export", "--with-secrets", "--to", again, "--data-dir", other);
  assert.equal(readFileSync(again, "utf8"), readFileSync(file, "utf8"));
  const repeated = await bench.json("settings", "import", file, "--data-dir", other);
  assert.deepEqual(repeated.list("changes"), []);
});

test("an export holds no secret unless it is asked for, and explains itself", async () => {
  using bench = new Bench();
  const key = await fill(bench);
  const { out } = await bench.run("settings", "export");
  const secret = (await bench.json("keys", "show", key)).text("key");
  assert.ok(!out.includes(secret));
  assert.ok(!out.includes("\nkeys:"));
  assert.match(
    out,
    /# What does not go into backups; the last rule that matches decides\.\n +rules:/u,
  );
  assert.match(out, /time: "?03:00"?\n/u);
  const whole = await bench.run("settings", "export", "--with-secrets");
  assert.ok(whole.out.includes(secret));
});

test("an import tells of plans that will fail for want of their key", async () => {
  using bench = new Bench();
  await fill(bench);
  const file = `${bench.folder}/export.yaml`;
  await bench.json("settings", "export", "--to", file);
  const args = ["settings", "import", file, "--dry-run", "--data-dir", `${bench.folder}/other`];
  const [note] = (await bench.json(...args)).at("notes") as readonly string[];
  assert.match(note ?? "", /^Plan nightly encrypts with the current key, which is not in/u);
});

test("a dry run shows what would change, and changes nothing", async () => {
  using bench = new Bench();
  await fill(bench);
  const file = `${bench.folder}/export.yaml`;
  await bench.json("settings", "export", "--to", file);
  const text = readFileSync(file, "utf8").replace("Europe/Berlin", "America/New_York");
  writeFileSync(file, text);
  const before = settingsOf(bench.dataDir);
  const dry = await bench.json("settings", "import", file, "--dry-run");
  const expected = [{ setting: "plans", item: "nightly", change: "changed" }];
  assert.deepEqual(dry.at("changes"), expected);
  assert.deepEqual(settingsOf(bench.dataDir), before);
  assert.deepEqual((await bench.json("settings", "import", file)).at("changes"), expected);
  const plan = await bench.json("plans", "info", "nightly");
  assert.equal(plan.at("schedule", "zone"), "America/New_York");
});

test("a file with anything wrong in it changes nothing", async () => {
  using bench = new Bench();
  const key = await fill(bench);
  const before = settingsOf(bench.dataDir);
  const cases: readonly (readonly [problem: string, text: string])[] = [
    ["usage", "version: 1\nsettings: {rules: ['*.mp4'], plans: [{id: x, name: X}]}"],
    ["usage", "version: 1\nsettings: {rules: ['> many MB']}"],
    ["usage", "version: 1\nsettings: {paths: {config: 5}}"],
    ["usage", "version: 1\nsettigns: {}"],
    ["usage", "version: 1\nsettings: {rules: ['*.mp4']}\nkeys: {keys: [{id: 3f9a1c}]}"],
    ["usage", "settings: {}"],
    ["usage", "a: &a [*a]"],
    ["unknown-version", "version: 2\nsettings: {}"],
    [
      "already-exists",
      `version: 1\nsettings: {rules: ['*.mp4']}\nkeys: {keys: [{id: "${key}", name: K, origin: generated, madeAt: 2026-01-01T00:00:00Z, key: other}]}`,
    ],
  ];
  const file = `${bench.folder}/broken.yaml`;
  for (const [problem, text] of cases) {
    writeFileSync(file, text);
    const outcome = await bench.run("settings", "import", file, "--json");
    assert.equal(documentOf(outcome).at("error", "problem"), problem, text + describe(outcome));
  }
  assert.deepEqual(settingsOf(bench.dataDir), before);
});

test("what a file does not name stays, what is not known passes, and an installation keeps its id", async () => {
  using bench = new Bench();
  await fill(bench);
  const file = `${bench.folder}/part.yaml`;
  const id = "00000000-0000-4000-8000-000000000000";
  writeFileSync(file, `version: 1\nsettings: {later: {x: [1]}, installation: ${id}}\n`);
  const imported = await bench.json("settings", "import", file);
  assert.deepEqual(imported.at("changes"), [{ setting: "later", change: "added" }]);
  assert.equal(imported.list("notes").length, 1);
  const { out } = await bench.run("settings", "export", "--json");
  const exported = documentOf({ code: 0, signal: null, out, err: "", took: 0 });
  assert.deepEqual(exported.at("settings", "later"), { x: [1] });
  assert.notEqual(exported.at("settings", "installation"), id);
  assert.equal(exported.list("settings", "plans").length, 1);
});
