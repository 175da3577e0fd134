import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import picomatch from "picomatch";
import { compileRules } from "./decide.ts";
import { parseRule } from "./parse-rule.ts";
import type { Rule } from "./rule.ts";

const runs = 500 * Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1);
const file = (size: number) => ({ isDirectory: false, size });
const folder = { isDirectory: true, size: 0 };

function rules(...texts: string[]) {
  return compileRules(texts.map(parseRule));
}

test("a pattern without a slash matches a name at any depth", () => {
  const set = rules("*.mp4");
  assert.deepEqual(set.decide("media/a/b.mp4", file(1)), { excluded: true, rule: 0 });
  assert.deepEqual(set.decide("media/a/b.jpg", file(1)), { excluded: false });
});

test("a pattern with a slash is matched from the part's folder on", () => {
  const set = rules("config/www", "/share/x");
  assert.ok(set.decide("config/www/a", file(1)).excluded);
  assert.ok(set.decide("share/x", file(1)).excluded);
  assert.ok(!set.decide("share/config/www", file(1)).excluded);
});

test("a size rule leaves files of exactly that size and folders alone", () => {
  const set = rules("*.mp4 > 50 MB");
  assert.ok(!set.decide("media/a.mp4", file(50_000_000)).excluded);
  assert.ok(set.decide("media/a.mp4", file(50_000_001)).excluded);
  assert.ok(!set.decide("media/a.mp4", folder).excluded);
});

test("a trailing slash means folders only", () => {
  const set = rules("build/");
  assert.ok(!set.decide("config/build", file(1)).excluded);
  assert.ok(set.decide("config/build", folder).excluded);
  assert.ok(set.decide("config/build/a", file(1)).excluded);
});

test("an exception brings back what lies below an excluded folder", () => {
  const set = rules("media/**", "!keep.mp4");
  assert.ok(set.decide("media/a", folder).excluded);
  assert.ok(set.mayHoldExceptions("media/a"));
  assert.deepEqual(set.decide("media/a/keep.mp4", file(1)), { excluded: false, rule: 1 });
  assert.ok(set.decide("media/a/other.mp4", file(1)).excluded);
});

test("an excluded folder that no exception can reach is not entered", () => {
  assert.ok(!rules("**/.git").mayHoldExceptions("config/.git"));
  assert.ok(!rules("media/**", "!media/keep/x").mayHoldExceptions("media/a"));
  assert.ok(rules("media/**", "!media/keep/x").mayHoldExceptions("media/keep"));
  assert.ok(
    !rules("!keep.mp4", "media/**").mayHoldExceptions("media/a"),
    "the exception comes before the rule",
  );
});

test("an exception for a folder holds for all below it, and a later rule wins again", () => {
  const set = rules("media/**", "!media/keep", "*.tmp");
  assert.ok(!set.decide("media/keep/deep/a", file(1)).excluded);
  assert.ok(set.decide("media/keep/deep/a.tmp", file(1)).excluded);
});

test("a tagged cache folder keeps its tag and loses the rest", () => {
  const inside = rules("CACHEDIR.TAG").open("config").enter("cache", true);
  assert.ok(!inside.decide("CACHEDIR.TAG", file(43)).excluded);
  assert.ok(inside.decide("a", file(1)).excluded);
  assert.ok(inside.enter("sub", true).decide("CACHEDIR.TAG", file(43)).excluded);
  assert.ok(
    !rules("CACHEDIR.TAG").open("config").enter("cache", false).decide("a", file(1)).excluded,
  );
  assert.ok(
    rules("CACHEDIR.TAG").decide("config/cache/a", { ...file(1), underCacheTag: true }).excluded,
  );
});

/** The definition, word for word: the last rule that matches the path or a folder above it. */
function naive(
  list: readonly Rule[],
  path: string,
  facts: { isDirectory: boolean; size: number },
): number | undefined {
  const names = path.split("/");
  const lineage = names.map((_, index) => names.slice(0, index + 1).join("/"));
  return list.findLastIndex((rule) => {
    if (rule.largerThan !== undefined && (facts.isDirectory || facts.size <= rule.largerThan))
      return false;
    const pattern = rule.pattern.includes("/") ? rule.pattern : `**/${rule.pattern}`;
    return lineage.some((at) =>
      picomatch.isMatch(at, pattern.endsWith("/**") ? `${pattern}/*` : pattern, {
        dot: true,
        noextglob: true,
      }),
    );
  });
}

const names = fc.constantFrom("a", "b", "keep", "x.mp4", ".git");
const paths = fc.array(names, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
const patternPiece = fc.constantFrom("a", "b", "*", "**", "keep", "*.mp4", "?", ".git");
const texts = fc
  .tuple(
    fc.constantFrom("", "", "!"),
    fc.array(patternPiece, { minLength: 1, maxLength: 3 }),
    fc.constantFrom("", "", " > 10 B"),
  )
  .map(([bang, pieces, size]) => `${bang}${pieces.join("/")}${size}`)
  .filter((text) => !/\*\*\/\*\*/u.test(text) && !/^!?\*\*( |$)/u.test(text));
const ruleLists = fc.array(texts, { maxLength: 5 }).map((list) => list.map(parseRule));
const factsOf = fc.record({ isDirectory: fc.boolean(), size: fc.integer({ min: 0, max: 20 }) });

test("decides as the definition says", () => {
  fc.assert(
    fc.property(ruleLists, paths, factsOf, (list, path, facts) => {
      const expected = naive(list, path, facts);
      const rule = expected === undefined ? undefined : list[expected];
      const decision = compileRules(list).decide(path, facts);
      assert.equal(decision.rule ?? -1, expected);
      assert.equal(decision.excluded, rule !== undefined && !rule.include);
    }),
    { numRuns: runs },
  );
});

test("a folder said to hold no exceptions holds none", () => {
  fc.assert(
    fc.property(ruleLists, fc.tuple(paths, paths), factsOf, (list, [above, below], facts) => {
      const set = compileRules(list);
      if (!set.mayHoldExceptions(above)) assert.ok(set.decide(`${above}/${below}`, facts).excluded);
    }),
    { numRuns: runs * 2 },
  );
});

test("walking down and asking by path give the same answer", () => {
  fc.assert(
    fc.property(ruleLists, paths, factsOf, (list, path, facts) => {
      const set = compileRules(list);
      assert.deepEqual(set.open("config").decide("x", facts), set.decide("config/x", facts));
      assert.deepEqual(set.open(path).decide("keep", facts), set.decide(`${path}/keep`, facts));
    }),
    { numRuns: runs },
  );
});
