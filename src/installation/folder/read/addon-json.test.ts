import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddonDocument, synthesizedAddon, writeAddonDocument } from "./addon-json.ts";
import { TemporaryHome, readAll, startReading } from "./temporary-home.test-support.ts";

test("an add-on that nothing is known of gets every key that the Supervisor requires", () => {
  const { user, system, state, version } = synthesizedAddon("a0d7b954_nodered");
  assert.equal(state, "stopped");
  assert.equal(user["version"], version);
  for (const key of [
    "name",
    "version",
    "slug",
    "description",
    "arch",
    "repository",
    "translations",
  ])
    assert.ok(key in system, key);
  assert.equal(system["slug"], "a0d7b954_nodered");
  assert.equal(system["repository"], "a0d7b954");
  assert.equal(synthesizedAddon("mine").system["repository"], "local");
});

test("what is synthesised is read back as it was", () => {
  const document = synthesizedAddon("core_ssh");
  assert.deepEqual(parseAddonDocument(writeAddonDocument(document)), document);
});

test("a remembered document goes into the archive with all it holds", async () => {
  const document = {
    user: { uuid: "1" },
    system: { name: "Terminal", webui: "x" },
    state: "started",
    version: "9.1",
    later: true,
  };
  using home = new TemporaryHome({
    "addon_data/core_ssh/x": "",
    "data/addons/core_ssh.json": JSON.stringify(document),
  });
  const { content } = await readAll(
    startReading(home.paths, { part: { kind: "addon", slug: "core_ssh" } }),
  );
  assert.deepEqual(JSON.parse(String(content.get("./addon.json"))), document);
});

test("a document that lacks what is required is not used", () => {
  for (const text of [
    "",
    "[]",
    "null",
    "{}",
    '{"user":{},"system":{},"state":"started"}',
    '{"user":[],"system":{},"state":"x","version":"1"}',
  ]) {
    assert.equal(parseAddonDocument(text), undefined, text);
  }
});
