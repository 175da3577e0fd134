import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Bench, describe, documentOf } from "#test/safehouse.ts";

async function failsWith(bench: Bench, problem: string, ...args: readonly string[]) {
  const outcome = await bench.run(...args, "--json");
  assert.equal(documentOf(outcome).at("error", "problem"), problem, describe(outcome));
}

const nightly =
  "plans new nightly --daily 03:00 --zone Europe/Berlin --except media --location nas --keep-copies 3 --keep-daily 5".split(
    " ",
  );

test("a plan is made, looked at, changed, disabled and removed", async () => {
  using bench = new Bench();
  const made = await bench.json(...nightly, "--name-template", "{plan} {version_ha}");
  assert.equal(made.at("when"), "every day at 03:00 (Europe/Berlin)");
  assert.equal(made.at("locations", 0, "retention", "zone"), "Europe/Berlin");
  assert.equal(made.at("encryptionKey"), undefined, "there is no key");
  const info = await bench.json("plans", "info", "nightly");
  assert.equal(info.list("coming").length, 5);
  assert.match(info.text("nextName"), /^nightly 2026/u);
  assert.deepEqual(info.at("uncovered", "parts"), ["media"]);

  const changed = await bench.json(
    "plans",
    "change",
    "nightly",
    "--weekdays",
    "sun",
    "--at",
    "04:00",
  );
  assert.equal(changed.at("when"), "every Sunday at 04:00 (Europe/Berlin)");
  assert.deepEqual(changed.at("selection", "except"), ["media"]);
  await bench.json("plans", "disable", "nightly");
  const listed = await bench.json("plans", "list");
  assert.deepEqual(listed.at("plans", 0, "enabled"), false);
  assert.deepEqual(listed.at("plans", 0, "coming"), []);
  const uncovered = listed.at("uncovered", "parts");
  assert.ok(Array.isArray(uncovered) && uncovered.includes("homeassistant"));
  assert.equal((await bench.json("plans", "enable", "nightly")).list("coming").length, 1);

  await failsWith(bench, "already-exists", ...nightly);
  await failsWith(bench, "not-found", "plans", "info", "weekly");
  await failsWith(bench, "usage", "plans", "change", "nightly", "--keep-copies", "0");
  await bench.json("plans", "remove", "nightly");
  await failsWith(bench, "not-found", "plans", "info", "nightly");
});

test("a preview tells what each of the coming runs comes to, and why", async () => {
  using bench = new Bench();
  await bench.json(...nightly, "--disabled");
  const preview = await bench.json("plans", "preview", "nightly", "--runs", "8");
  const runs = preview.list("runs").map((run) => Date.parse(run.text("at")));
  assert.equal(runs.length, 8);
  const steps = preview.list("locations", 0, "steps");
  assert.deepEqual(
    steps.map((step) => step.text("made")),
    runs.map((_, at) => `run ${at + 1}`),
  );
  const last = steps.at(-1)?.list("decisions") ?? [];
  assert.deepEqual(
    last.map((decision) => [decision.text("run"), decision.text("outcome")]),
    [
      ["run 8", "keep"],
      ["run 7", "keep"],
      ["run 6", "keep"],
      ["run 5", "keep"],
      ["run 4", "keep"],
      ["run 3", "remove"],
    ],
  );
  assert.match(last.at(-1)?.text("reasons", 0, "text") ?? "", /newest 3/u);
  await failsWith(bench, "usage", "plans", "preview", "nightly", "--runs", "many");
});

test("a new plan encrypts with the current key if there is one, and a key that is not there is refused", async () => {
  using bench = new Bench();
  const key = (await bench.json("keys", "new")).text("id");
  assert.equal((await bench.json(...nightly)).at("encryptionKey"), "current");
  const named = await bench.json("plans", "change", "nightly", "--key", key);
  assert.equal(named.at("encryptionKey"), key);
  await failsWith(bench, "not-found", "plans", "change", "nightly", "--key", "ffffff");
  const plain = await bench.json("plans", "change", "nightly", "--no-encryption");
  assert.equal(plain.at("encryptionKey"), undefined);
});

test("a plan comes from a YAML file or a JSON file, and options count more than the file", async () => {
  using bench = new Bench();
  const yaml = `${bench.folder}/weekly.yaml`;
  writeFileSync(
    yaml,
    `id: weekly # each Sunday
name: Weekly
selection:
  include: everything
schedule:
  recurrence: weekdays
  days: [sun]
  time: 02:30
  zone: America/New_York
locations:
  - location: nas
    retention: { days: 60 }
`,
  );
  const made = await bench.json("plans", "new", "--from-file", yaml, "--jitter", "30");
  assert.equal(
    made.at("when"),
    "every Sunday at 02:30 (America/New_York), up to 30 minutes late by chance",
  );
  assert.equal(made.at("locations", 0, "retention", "longestPauseInHours"), 7 * 24 + 1 + 1);
  const json = `${bench.folder}/daily.json`;
  writeFileSync(json, JSON.stringify({ name: "Daily", selection: { include: ["ssl"] } }));
  const daily = await bench.json("plans", "new", "daily", "--from-file", json, "--daily", "03:00");
  assert.deepEqual(daily.at("selection", "include"), ["ssl"]);
  await failsWith(bench, "usage", "plans", "new", "other", "--from-file", yaml);
  writeFileSync(yaml, "id: [broken");
  await failsWith(bench, "usage", "plans", "new", "--from-file", yaml);
  writeFileSync(yaml, "just a text");
  await failsWith(bench, "usage", "plans", "new", "--from-file", yaml);
});

test("plans can be looked at where the home cannot", async () => {
  using bench = new Bench("no home");
  assert.equal((await bench.startPlain(...nightly).ended).code, 0);
  const { code, err } = await bench.startPlain("plans", "info", "nightly").ended;
  assert.equal(code, 0);
  assert.match(err, /What the home has is not known: No home is known/u);
});

test("a plan that cannot be read is told of, and mended from a file", async () => {
  using bench = new Bench();
  await bench.json(...nightly);
  const path = `${bench.dataDir}/settings.json`;
  writeFileSync(
    path,
    readFileSync(path, "utf8").replace('"include": "everything"', '"include": 5'),
  );
  const listed = await bench.json("plans", "list");
  assert.deepEqual(listed.at("plans"), []);
  assert.equal(listed.at("damaged", 0, "id"), "nightly");
  assert.match(listed.text("damaged", 0, "message"), /plan\.selection\.include/u);
  await failsWith(bench, "usage", "plans", "info", "nightly");
  await failsWith(bench, "usage", "plans", "enable", "nightly");
  const mended = await bench.json("plans", "change", "nightly", "--everything");
  assert.deepEqual(mended.at("selection", "except"), []);
});
