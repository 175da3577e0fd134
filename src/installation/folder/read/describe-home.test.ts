import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { describeHome } from "./describe-home.ts";
import { TemporaryHome } from "./temporary-home.test-support.ts";

test("lists the version, the parts that are there and add-ons by their folders", async () => {
  using home = new TemporaryHome({
    "config/.HA_VERSION": "2026.7.1\n",
    "addon_data/core_ssh/x": "",
    "addon_data/a file": "",
    "addon_data/not a slug/x": "",
    "addon_data/.safehouse/x": "",
  });
  const state = await describeHome(home.paths);
  assert.equal(state.homeassistantVersion, "2026.7.1");
  assert.deepEqual(state.parts, [
    { kind: "homeassistant" },
    { kind: "addon", slug: "core_ssh" },
    { kind: "folder", name: "share" },
    { kind: "folder", name: "media" },
  ]);
  assert.deepEqual(state.addons, [{ slug: "core_ssh", name: "core_ssh", version: "0", size: 0 }]);
});

test("names an add-on as its remembered addon.json does", async () => {
  const document = { user: {}, system: { name: "Terminal" }, state: "started", version: "9.1" };
  using home = new TemporaryHome({
    "addon_data/core_ssh/x": "",
    "data/addons/core_ssh.json": JSON.stringify(document),
  });
  assert.deepEqual((await describeHome(home.paths)).addons, [
    { slug: "core_ssh", name: "Terminal", version: "9.1", size: 0 },
  ]);
});

test("paths that are absent are not listed", async () => {
  using home = new TemporaryHome();
  const away = join(home.root, "away");
  mkdirSync(away);
  const paths = {
    ...home.paths,
    config: undefined,
    share: join(away, "share"),
    media: undefined,
    addonData: join(away, "data"),
  };
  assert.deepEqual(await describeHome(paths), {
    homeassistantVersion: undefined,
    parts: [],
    addons: [],
  });
});
