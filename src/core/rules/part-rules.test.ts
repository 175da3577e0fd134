import assert from "node:assert/strict";
import { test } from "node:test";
import type { Part } from "../model/part.ts";
import { parseRules } from "./parse-rule.ts";
import { compilePartRules, isLeftOut } from "./part-rules.ts";

const config: Part = { kind: "homeassistant" };
const share: Part = { kind: "folder", name: "share" };
const file = { isDirectory: false, size: 1 };

interface Case {
  readonly rules?: string;
  readonly database?: boolean;
}

function leftOut(part: Part, path: string, { rules = "", database = true }: Case = {}): boolean {
  return isLeftOut(compilePartRules(part, { database, rules: parseRules(rules) }), path, file);
}

test("leaves out of the config folder what official backups leave out, and nothing else", () => {
  const out = [
    "a/__pycache__/x.pyc",
    "a/.DS_Store",
    ".HA_RESTORE",
    "x.db-shm",
    "home-assistant.log",
    "home-assistant.log.1",
    "x.corrupt.2",
    ".storage/a.corrupt.1",
    "OZW_Log.txt",
    "backups/a.tar",
    "tmp_backups/b.tar",
    "tts/a.mp3",
    "tts/deep/a.mp3",
    ".cache/a/b",
  ];
  const kept = [
    "a/__pycache__",
    "tts",
    "a/x.db-shm",
    "www/x.log",
    "a/x.corrupt.2",
    "backups/deep/a.tar",
    "backups/a.txt",
    "a/OZW_Log.txt",
    "home-assistant_v2.db",
    "home-assistant_v2.db-wal",
  ];
  for (const path of out) assert.ok(leftOut(config, path), path);
  for (const path of kept) assert.ok(!leftOut(config, path), path);
});

test("without the database only the recorder's files at the top go", () => {
  assert.ok(leftOut(config, "home-assistant_v2.db", { database: false }));
  assert.ok(leftOut(config, "home-assistant_v2.db-wal", { database: false }));
  assert.ok(!leftOut(config, "a/home-assistant_v2.db", { database: false }));
  assert.ok(!leftOut(config, "zigbee.db", { database: false }));
});

test("official exclusions are for the config folder alone", () => {
  assert.ok(!leftOut(share, "x.log"));
  assert.ok(!leftOut({ kind: "addon", slug: "core_x" }, "tts/a"));
});

test("a user's exception brings back an official exclusion, but never Safehouse's own folders or the database", () => {
  assert.ok(!leftOut(config, "home-assistant.log", { rules: "!*.log" }));
  assert.ok(leftOut(config, "home-assistant_v2.db", { rules: "!*.db", database: false }));
  assert.ok(leftOut(config, ".safehouse/stage/a", { rules: "!**" }));
  assert.ok(leftOut(share, "backups/.safehouse/a.json", { rules: "!**" }));
});

test("rules see the part's folder in front of the path", () => {
  assert.ok(leftOut({ kind: "addon", slug: "core_x" }, "a", { rules: "addon_data/core_x/a" }));
  assert.ok(leftOut({ kind: "folder", name: "addons/local" }, "a", { rules: "addons/local/a" }));
  assert.ok(leftOut({ kind: "folder", name: "media" }, "a", { rules: "media/**" }));
  assert.ok(!leftOut({ kind: "folder", name: "media" }, "", { rules: "media" }));
});
