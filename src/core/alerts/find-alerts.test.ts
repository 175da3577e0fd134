import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { allWell, copyFacts, day, hour, someError, someTime } from "#test/alert-facts.ts";
import { loops } from "#test/loops.ts";
import type { AlertFacts, PlanCopyFacts } from "./alert-facts.ts";
import { findAlerts } from "./find-alerts.ts";
import { findStaleCopy } from "./find-stale-copy.ts";

function messages(facts: Partial<AlertFacts>, now = someTime): string[] {
  return Object.values(findAlerts({ ...allWell, ...facts }, now)).flatMap((alerts) =>
    (alerts ?? []).map(({ message }) => message),
  );
}

test("where all is well there is nothing to tell", () => {
  assert.deepEqual(messages({ copies: [copyFacts()] }), []);
});

test("each alert says what is wrong, where and why", () => {
  const plan = { plan: "nightly", planName: "Nightly", failures: 3, error: someError };
  const told = messages({
    plans: [plan],
    copies: [copyFacts({ failures: 1, error: someError, pruneError: someError })],
    uncovered: { parts: ["media"], database: true },
    key: { id: "3f9a1c", name: "Attic", madeAt: someTime - 2 * day, isProven: false },
    stoppedPrunes: [{ location: "nas", locationName: "the NAS", going: 393, touchable: 400 }],
    damaged: [{ location: "nas", locationName: "the NAS", slugs: ["bb", "aa", "bb"] }],
    unreadable: [{ what: "settings", ...someError }],
  });
  assert.deepEqual(told, [
    "The backup of plan Nightly failed 3 times in a row: /mnt/nas does not answer",
    "The backup of plan Nightly did not reach the NAS: /mnt/nas does not answer",
    "Old backups at the NAS could not be removed: /mnt/nas does not answer",
    "No plan backs up media, the recorder's database",
    'Nobody has shown that the emergency kit of key 3f9a1c "Attic" is at hand; without it no backup can be opened if this machine is lost',
    "The rule at the NAS would remove 393 of 400 backups at once, and waits until somebody agrees",
    "Backups aa, bb at the NAS are damaged",
    "The settings cannot be read: /mnt/nas does not answer",
  ]);
});

test("a kit is not asked for on the day on which its key was made", () => {
  const key = { id: "3f9a1c", name: "Attic", madeAt: someTime, isProven: false };
  assert.deepEqual(messages({ key }, someTime + day - 1), []);
  assert.equal(messages({ key }, someTime + day).length, 1);
  assert.deepEqual(messages({ key: { ...key, isProven: true } }, someTime + day), []);
});

test("ids are printable, without blanks, and no two subjects share one", () => {
  const name = fc.string({ unit: "grapheme", minLength: 1 });
  const pair = fc.tuple(name, name);
  const idOf = ([plan, location]: readonly [string, string]): string =>
    findAlerts({ ...allWell, copies: [copyFacts({ plan, location, failures: 1 })] }, someTime)[
      "copy-failed"
    ]?.[0]?.id ?? "";
  const property = fc.property(pair, pair, (one, other) => {
    assert.match(idOf(one), /^[!-~]+$/u);
    assert.equal(idOf(one) === idOf(other), one[0] === other[0] && one[1] === other[1]);
  });
  fc.assert(property, { numRuns: loops(200) });
});

function stale(copy: Partial<PlanCopyFacts>, now: number): string | undefined {
  return findStaleCopy(copyFacts(copy), now)?.message;
}

test("a copy is stale once it is older than it may be", () => {
  assert.equal(stale({}, someTime + 2 * day), undefined);
  assert.equal(
    stale({}, someTime + 3 * day + hour),
    "The last good backup of plan Nightly at the NAS is 3 days old; at most 2 days are wanted",
  );
  assert.equal(stale({ longestAgeInMs: undefined }, someTime + 1000 * day), undefined);
});

test("a location that never got a copy is stale as long after it was set up", () => {
  const never = { lastGood: undefined, since: someTime, longestAgeInMs: 30 * hour };
  assert.equal(stale(never, someTime + 30 * hour), undefined);
  assert.equal(
    stale(never, someTime + 31 * hour),
    "There is no good backup of plan Nightly at the NAS yet, 31 hours after it was set up",
  );
});

test("a backup that a wrong clock has dated into the future does not silence staleness for years", () => {
  assert.equal(
    stale({ lastGood: someTime + 3650 * day }, someTime),
    "The last good backup of plan Nightly at the NAS is dated in the future: a clock was wrong",
  );
  assert.equal(stale({ lastGood: someTime + hour }, someTime), undefined);
});

test("whatever the clock says, a limit that is exceeded by a day since everything credible is told", () => {
  const time = fc.integer({ min: someTime - 400 * day, max: someTime + 400 * day });
  const property = fc.property(
    fc.option(time, { nil: undefined }),
    time,
    fc.integer({ min: 0, max: 100 * day }),
    (lastGood, since, longestAgeInMs) => {
      const latest = Math.max(
        ...[lastGood ?? since, since].filter((at) => at <= someTime + day),
        Number.NEGATIVE_INFINITY,
      );
      if (someTime - latest <= longestAgeInMs) return;
      assert.ok(stale({ lastGood, since, longestAgeInMs }, someTime) !== undefined);
    },
  );
  fc.assert(property, { numRuns: loops(300) });
});

test("whatever an error says, a message is one line that is not endless", () => {
  const error = {
    problem: "command-failed",
    message: `It said:\r\n${"no ".repeat(9999)}`,
  } as const;
  const [message = ""] = messages({ unreadable: [{ what: "settings", ...error }] });
  assert.match(message, /^The settings cannot be read: It said: no no .*…$/u);
  assert.ok(message.length <= 501);
});
