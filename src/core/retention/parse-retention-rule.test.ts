import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SafehouseError } from "../model/problem.ts";
import { decideRetention } from "./decide-retention.ts";
import { parseRetentionRule } from "./parse-retention-rule.ts";
import { statesAnything } from "./retention-rule.ts";

const zone = "Europe/Berlin";

function refuses(value: unknown, field: string): SafehouseError {
  try {
    parseRetentionRule(value);
  } catch (error) {
    assert.ok(error instanceof SafehouseError, String(error));
    assert.equal(error.problem, "usage");
    assert.equal(error.subject, field);
    assert.ok(error.message.includes(field), error.message);
    return error;
  }
  return assert.fail(`${field} was accepted`);
}

test("reads what is stated and fills in the last day of each period", () => {
  const generations = { daily: 7, monthly: 12 };
  assert.deepEqual(parseRetentionRule({ copies: 3, days: 14, generations, zone }), {
    copies: 3,
    days: 14,
    longestPauseInHours: 25,
    generations,
    anchors: { weekly: 7, monthly: 31, yearly: 366 },
    zone,
  });
});

test("reads anchors one by one", () => {
  const { anchors } = parseRetentionRule({ anchors: { weekly: 1, yearly: 32 }, zone });
  assert.deepEqual(anchors, { weekly: 1, monthly: 31, yearly: 32 });
});

test("a rule that states no limit is a rule, and keeps everything", () => {
  const rule = parseRetentionRule({ zone });
  assert.ok(!statesAnything(rule));
  assert.ok(!statesAnything(parseRetentionRule({ generations: {}, zone })));
  assert.ok(statesAnything(parseRetentionRule({ generations: { yearly: 1 }, zone })));
});

test("Home Assistant core#138702: 0, which once meant both forever and nothing, is refused everywhere", () => {
  const advice = /with no limits every backup is kept/;
  for (const field of ["copies", "days"]) {
    assert.match(refuses({ [field]: 0, zone }, field).advice ?? "", advice);
    assert.match(refuses({ [field]: null, zone }, field).advice ?? "", advice);
  }
  for (const name of ["hourly", "daily", "weekly", "monthly", "yearly"]) {
    const error = refuses({ generations: { [name]: 0 }, zone }, `generations.${name}`);
    assert.match(error.advice ?? "", advice);
  }
});

test("refuses counts that are no whole number from 1 on", () => {
  for (const value of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "7", "", true, [], {}, 1e300])
    refuses({ copies: value, zone }, "copies");
  refuses({ longestPauseInHours: 0, zone }, "longestPauseInHours");
});

test("restic#4568: a misspelt condition is refused, as what it was to protect would go", () => {
  refuses({ copies: 1, monthly: 12, zone }, "monthly");
  refuses({ generations: { dayly: 7 }, zone }, "generations.dayly");
  refuses({ anchors: { daily: 3 }, zone }, "anchors.daily");
  refuses({ copies: 1, zone, constructor: 1 }, "constructor");
});

test("refuses days that their period never has", () => {
  refuses({ anchors: { weekly: 8 }, zone }, "anchors.weekly");
  refuses({ anchors: { weekly: 0 }, zone }, "anchors.weekly");
  refuses({ anchors: { monthly: 32 }, zone }, "anchors.monthly");
  refuses({ anchors: { yearly: 367 }, zone }, "anchors.yearly");
});

test("takes zones by their IANA name in any case, and no offset", () => {
  assert.equal(parseRetentionRule({ zone: "europe/berlin" }).zone, "Europe/Berlin");
  assert.equal(parseRetentionRule({ zone: "UTC" }).zone, "UTC");
  for (const value of [
    "+01:00",
    "Mars/Olympus",
    "",
    "2026-01-01T00:00Z[Europe/Berlin]",
    1,
    undefined,
  ])
    refuses({ zone: value }, "zone");
});

test("refuses what is no object, without a subject to name", () => {
  for (const value of [undefined, null, "7", 7, []]) {
    assert.throws(
      () => parseRetentionRule(value),
      (error) => error instanceof SafehouseError && error.problem === "usage",
    );
  }
});

test("any JSON value gives a rule that decides, or a usage error", () => {
  const fields = fc.dictionary(
    fc.constantFrom("copies", "days", "longestPauseInHours", "generations", "anchors", "zone", "x"),
    fc.oneof(
      fc.nat({ max: 3 }),
      fc.constantFrom(zone, "UTC", ""),
      fc.dictionary(fc.constantFrom("daily", "weekly", "monthly"), fc.nat({ max: 3 })),
      fc.jsonValue(),
    ),
  );
  fc.assert(
    fc.property(fc.oneof(fields, fc.jsonValue()), (value) => {
      try {
        assert.deepEqual(decideRetention(parseRetentionRule(value), [], 0), []);
      } catch (error) {
        assert.ok(error instanceof SafehouseError && error.problem === "usage", String(error));
      }
    }),
  );
});
