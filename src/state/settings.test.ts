import { strict as assert } from "node:assert";
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { openState } from "./open-state.ts";
import { Settings } from "./settings.ts";

async function makeSettings(context: TestContext) {
  const dataDirectory = await mkdtemp(join(tmpdir(), "safehouse-settings-"));
  const state = openState({ dataDirectory, clock: Date, notice: assert.fail });
  context.after(async () => {
    state[Symbol.dispose]();
    await rm(dataDirectory, { recursive: true });
  });
  const path = join(dataDirectory, "settings.json");
  return { dataDirectory, path, settings: new Settings(dataDirectory, state) };
}

test("settings are kept for each home, and only the named ones change", async (context) => {
  const { settings, path } = await makeSettings(context);
  assert.deepEqual(await settings.read("home"), {});
  await settings.change("home", { config: "/config", rules: ["*.mp4"] });
  await settings.change("cottage", { config: "/other" });
  await settings.change("home", { rules: undefined, location: { kind: "local" } });
  assert.deepEqual(await settings.read("home"), {
    config: "/config",
    location: { kind: "local" },
  });
  assert.deepEqual(await settings.read("cottage"), { config: "/other" });
  assert.deepEqual(await settings.read("constructor"), {});
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test("damaged settings are reported and never replaced", async (context) => {
  const { settings, path, dataDirectory } = await makeSettings(context);
  for (const text of ["", "{", "[]", "null", `{"version":1}`, `{"version":1,"homes":{"home":1}}`]) {
    await writeFile(path, text);
    await assert.rejects(settings.read("home"), { problem: "damaged" });
    await assert.rejects(settings.change("home", { config: "/x" }), { problem: "damaged" });
    assert.equal(await readFile(path, "utf8"), text);
  }
  assert.ok((await readdir(dataDirectory)).every((name) => !name.endsWith(".tmp")));
});

test("settings of a newer program are left alone", async (context) => {
  const { settings, path } = await makeSettings(context);
  await writeFile(path, `{"version":2,"homes":{}}`);
  await assert.rejects(settings.read("home"), { problem: "unknown-version" });
  await assert.rejects(settings.change("home", {}), { problem: "unknown-version" });
});

test("what this program does not know in the file stays in it", async (context) => {
  const { settings, path } = await makeSettings(context);
  await writeFile(path, `{"version":1,"comment":"mine","homes":{"home":{"later":true}}}`);
  await settings.change("home", { config: "/config" });
  assert.deepEqual(JSON.parse(await readFile(path, "utf8")), {
    version: 1,
    comment: "mine",
    homes: { home: { later: true, config: "/config" } },
  });
});

test("a change that depends on what is there sees the newest, and leaves all as it was if it throws", async (context) => {
  const { settings } = await makeSettings(context);
  await settings.change("home", { count: 1 });
  await settings.decide("home", ({ count }) => ({ count: Number(count) + 1 }));
  const refused = settings.decide("home", () => {
    throw new Error("no");
  });
  await assert.rejects(refused, /no/);
  assert.deepEqual(await settings.read("home"), { count: 2 });
});
