import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Bench } from "#test/safehouse.ts";
import { TestServer } from "#test/server.ts";

interface Finding {
  readonly about: string;
  readonly state: string;
  readonly message: string;
}

async function findings(bench: Bench): Promise<readonly Finding[]> {
  const { out } = await bench.run("doctor", "--json");
  return (JSON.parse(out) as { readonly findings: readonly Finding[] }).findings;
}

function stateOf(found: readonly Finding[], about: string): string | undefined {
  return found.find((finding) => finding.about === about)?.state;
}

test("doctor names what a new home lacks, and nothing once it is there", async () => {
  using bench = new Bench();
  await bench.json("init");
  const before = await findings(bench);
  assert.equal(stateOf(before, "home"), "ok");
  assert.equal(stateOf(before, "keys"), "warning");
  assert.equal(stateOf(before, "plans"), "warning");
  assert.equal(stateOf(before, "backups"), "failed");
  assert.equal((await bench.run("doctor")).code, 3);
  const kit = join(bench.folder, "kit.txt");
  const key = (await bench.json("keys", "new")).text("id");
  await bench.json("keys", "kit", key, "--to", kit);
  await bench.json("keys", "prove", key, "--kit-file", kit);
  await bench.json("plans", "new", "nightly", "--daily", "03:00", "--location", "backup");
  assert.equal(stateOf(await findings(bench), "plans"), "failed", "nobody runs them");
  await using _ = await TestServer.start(bench);
  const made = await bench.json("plans", "run", "nightly");
  assert.equal(made.at("key"), key);
  const after = await findings(bench);
  assert.deepEqual(
    after.filter(({ state }) => state !== "ok"),
    [],
  );
  assert.equal((await bench.run("doctor")).code, 0);
});

test("doctor names the location that does not answer, and the home that is gone", async () => {
  using bench = new Bench();
  await bench.json("init");
  await bench.json("locations", "add", "nas", "--path", join(bench.folder, "nas"));
  rmSync(join(bench.folder, "nas"), { recursive: true });
  rmSync(bench.home, { recursive: true });
  const found = await findings(bench);
  assert.equal(stateOf(found, "location nas"), "failed");
  assert.equal(stateOf(found, "home"), "failed");
  assert.equal(stateOf(found, "location backup"), "ok");
});
