import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRetentionRule } from "./parse-retention-rule.ts";
import { wordRule } from "./word-rule.ts";

test("says what a rule keeps", () => {
  const zone = "UTC";
  const generations = { daily: 14, weekly: 8, yearly: 1 };
  const cases: readonly (readonly [words: string, rule: object])[] = [
    ["every backup", {}],
    ["the newest 7", { copies: 7 }],
    ["the newest and those of 30 days", { copies: 1, days: 30 }],
    [
      "the newest 7, one of each of 14 days, one of each of 8 weeks and one of each of 1 year",
      { copies: 7, generations },
    ],
  ];
  for (const [words, rule] of cases)
    assert.equal(wordRule(parseRetentionRule({ zone, ...rule })), words);
  assert.equal(wordRule(undefined), "every backup");
});
