import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { parseRules } from "#core/rules/parse-rule.ts";
import { measurePart } from "./measure-part.ts";
import { previewRules } from "./preview-rules.ts";
import { TemporaryHome, config, readAll, startReading } from "./temporary-home.test-support.ts";

const everything = {
  homeassistant: true,
  database: true,
  folders: ["share", "media"] as const,
  addons: [],
};
const signal = new AbortController().signal;

test("counts for each rule what it leaves out, and what goes in", async () => {
  using home = new TemporaryHome({
    "config/a.yaml": "12345",
    "config/home-assistant.log": "123",
    "share/clips/a.mp4": Buffer.alloc(3000),
    "share/clips/keep.mp4": Buffer.alloc(2000),
    "share/clips/deep/b.mp4": Buffer.alloc(10),
    "media/big": Buffer.alloc(5000),
    "media/small": "1",
    "media/.safehouse/x": "12",
  });
  const rules = parseRules("share/clips/**\n!keep.mp4\nmedia/* > 1 kB\nnever");
  const preview = await previewRules(home.paths, { selection: everything, rules }, signal);
  assert.deepEqual(
    preview.rules.filter(({ official }) => !official),
    [
      { rule: "share/clips/**", official: false, files: 2, bytes: 3010 },
      { rule: "!keep.mp4", official: false, files: 0, bytes: 0 },
      { rule: "media/* > 1 kB", official: false, files: 1, bytes: 5000 },
      { rule: "never", official: false, files: 0, bytes: 0 },
    ],
  );
  const official = preview.rules.filter((row) => row.official && row.files > 0);
  assert.deepEqual(
    official.map(({ rule, files, bytes }) => [rule, files, bytes]),
    [
      ["config/*.log", 1, 3],
      [".safehouse/", 1, 2],
    ],
  );
  assert.ok(
    preview.rules.slice(0, -4).every((row) => row.official),
    "official exclusions come first",
  );
  assert.deepEqual(preview.parts, [
    { part: "homeassistant", files: 1, bytes: 5 },
    { part: "share", files: 1, bytes: 2000 },
    { part: "media", files: 1, bytes: 1 },
  ]);
  assert.deepEqual(readdirSync(home.paths.dataDir), [], "a preview writes nothing");
});

test("measures what reading brings, databases without their logs", async () => {
  using home = new TemporaryHome({
    "config/a.yaml": "12345",
    "config/b.log": "1",
    "config/c/d.jpg": Buffer.alloc(700),
    "config/e.db": Buffer.alloc(4096),
    "config/e.db-wal": "log",
  });
  const measured = await measurePart(
    home.paths,
    { part: config, database: true, rules: [] },
    signal,
  );
  const names = ["data", "data/a.yaml", "data/c", "data/c/d.jpg", "data/e.db"];
  const { entries, nameBytes, ...sizes } = measured;
  assert.deepEqual(sizes, { files: 3, bytes: 4801, incompressibleBytes: 700 });
  assert.deepEqual([entries, nameBytes], [names.length, names.join("").length]);
});

test("what is previewed as going in is what reading brings", async () => {
  using home = new TemporaryHome({
    "share/a/b/c": "1",
    "share/a/keep": "12",
    "share/build/x": "123",
    "share/z.tmp": "1234",
    "share/y": "12345",
  });
  const rules = ["share/a", "!keep", "build/", "*.tmp"];
  const { entries } = await readAll(startReading(home.paths, { rules }));
  const files = entries.filter(({ type }) => type === "file");
  const request = {
    part: { kind: "folder", name: "share" } as const,
    database: true,
    rules: parseRules(rules.join("\n")),
  };
  const measured = await measurePart(home.paths, request, signal);
  assert.equal(measured.files, files.length);
  assert.equal(
    measured.bytes,
    files.reduce((sum, { size }) => sum + size, 0),
  );
});
