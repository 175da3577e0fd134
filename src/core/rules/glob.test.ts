import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import picomatch from "picomatch";
import { advanceGlob, compileGlob, globMatches, startGlob } from "./glob.ts";

const runs = 300 * Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1);

function matches(pattern: string, path: string): boolean {
  const glob = compileGlob(pattern);
  const names = path.split("/");
  let state = startGlob(glob);
  for (const name of names.slice(0, -1)) state = advanceGlob(glob, state, name).state;
  const last = names.at(-1) ?? "";
  assert.equal(advanceGlob(glob, state, last).matched, globMatches(glob, state, last));
  return globMatches(glob, state, last);
}

test("a star stays inside one name and matches leading dots", () => {
  assert.ok(matches("a/*", "a/.hidden"));
  assert.ok(!matches("a/*", "a/b/c"));
  assert.ok(!matches("*.log", "deep/x.log"));
});

test("two stars span any depth, at the end at least one name", () => {
  assert.ok(matches("**/.git", ".git"));
  assert.ok(matches("**/.git", "a/b/.git"));
  assert.ok(matches("a/**/z", "a/z"));
  assert.ok(matches("media/**", "media/a/b"));
  assert.ok(!matches("media/**", "media"));
});

test("sets, alternatives and escapes mean what they mean in a shell", () => {
  assert.ok(matches("v[0-9].db", "v2.db"));
  assert.ok(!matches("v[!0-9].db", "v2.db"));
  assert.ok(matches("{a,b/{c,d}}/x", "b/d/x"));
  assert.ok(matches("\\*", "*"));
  assert.ok(!matches("\\*", "a"));
  assert.ok(matches("[", "["));
  assert.ok(matches("{a}", "{a}"));
});

test("a name that is not UTF-8 is matched like any other", () => {
  assert.ok(matches("a?.txt", "a\udcff.txt"));
  assert.ok(matches("*\udcff*", "x\udcffy"));
});

const piece = fc.constantFrom(
  "a",
  "b",
  "ab",
  ".",
  "x.y",
  "*",
  "?",
  "a*",
  "*b",
  "*.*",
  "**",
  "[ab]",
  "[^a]",
  "{a,b}",
  "a{x,}b",
);
const patterns = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join("/"));
const paths = fc.array(fc.constantFrom("a", "b", "ab", "aab", "x.y", ".a", "axb", "bb"), {
  minLength: 1,
  maxLength: 5,
});

test("agrees with picomatch wherever both define a meaning", () => {
  fc.assert(
    fc.property(patterns, paths, (pattern, names) => {
      const path = names.join("/");
      // Differences that are meant: we want one name below a final `**`, and `.` is no name in a path.
      fc.pre(!pattern.split("/").includes(".") && !pattern.endsWith("**"));
      assert.equal(
        matches(pattern, path),
        picomatch.isMatch(path, pattern, { dot: true, noextglob: true }),
        `${pattern} on ${path}`,
      );
    }),
    { numRuns: runs },
  );
});

test("no pattern makes matching crash or crawl", () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom("a", "*", "?", "[", "]", "!", "-", "{", "}", ",", "\\", "/", "^"),
      }),
      (pattern) => {
        matches(pattern, "a/aa/b");
      },
    ),
    { numRuns: runs },
  );
  assert.ok(!matches(`${"*a".repeat(2000)}b`, "a".repeat(4000)));
  assert.throws(() => compileGlob("{a,b}".repeat(40)), RangeError);
  assert.throws(() => compileGlob("a".repeat(5000)), RangeError);
});
