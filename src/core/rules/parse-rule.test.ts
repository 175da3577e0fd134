import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SafehouseError } from "../model/problem.ts";
import { compileRules } from "./decide.ts";
import { parseRule, parseRules } from "./parse-rule.ts";

test("reads globs, sizes, exceptions and the cache tag", () => {
  assert.deepEqual(parseRule("**/.git"), { text: "**/.git", include: false, pattern: "**/.git" });
  assert.deepEqual(parseRule(" *.mp4 > 50 MB "), {
    text: "*.mp4 > 50 MB",
    include: false,
    pattern: "*.mp4",
    largerThan: 50_000_000,
  });
  assert.equal(parseRule("x > 1.5GiB").largerThan, 1_610_612_736);
  assert.deepEqual(parseRule("> 1 GB"), {
    text: "> 1 GB",
    include: false,
    pattern: "*",
    largerThan: 1e9,
  });
  assert.deepEqual(parseRule("!keep.mp4"), {
    text: "!keep.mp4",
    include: true,
    pattern: "keep.mp4",
  });
  assert.equal(parseRule("CACHEDIR.TAG").cacheDirTag, true);
  assert.equal(parseRule("a b.txt").pattern, "a b.txt");
});

test("skips blank lines and comments in a list", () => {
  assert.deepEqual(
    parseRules("# big things\r\n\r\nmedia/**\n  !keep.mp4\n").map((rule) => rule.text),
    ["media/**", "!keep.mp4"],
  );
});

test("names the rule that it cannot read", () => {
  for (const rule of [
    "",
    "!",
    "/",
    "a > much",
    "a > 5 apples",
    "a > 5 constructor",
    "../x",
    "a/./b",
    "a\0",
    "!CACHEDIR.TAG",
    "CACHEDIR.TAG > 5 MB",
    "{a,b}".repeat(40),
  ]) {
    assert.throws(
      () => parseRule(rule),
      (error) =>
        error instanceof SafehouseError &&
        error.problem === "usage" &&
        error.message.includes(rule.trim().slice(0, 80)),
      rule,
    );
  }
});

test("no text does anything but give a rule that compiles, or a usage error", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      try {
        compileRules([parseRule(text)]).decide("config/a", { isDirectory: false, size: 1 });
      } catch (error) {
        assert.ok(error instanceof SafehouseError && error.problem === "usage");
      }
    }),
  );
});
