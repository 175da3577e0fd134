import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { allWell, copyFacts, day, hour, someError, someTime } from "#test/alert-facts.ts";
import { loops } from "#test/loops.ts";
import { advanceAlerts } from "./advance-alerts.ts";
import type { AlertFacts } from "./alert-facts.ts";
import type { AlertNews, OpenAlert } from "./alert.ts";

const plan = { plan: "nightly", planName: "Nightly", failures: 1, error: someError };
const failing: AlertFacts = { ...allWell, plans: [plan] };

/** Asks at each of these moments; what was told each time. */
function told(moments: readonly (readonly [at: number, facts: AlertFacts])[]): string[][] {
  let open: readonly OpenAlert[] = [];
  return moments.map(([at, facts]) => {
    const next = advanceAlerts(open, facts, at);
    open = next.open;
    return next.news.map(({ event, alert }) => `${event} ${alert.id}`);
  });
}

test("a failure is told when it comes and when it ends, and not in between", () => {
  const news = told([
    [someTime, allWell],
    [someTime + hour, failing],
    [someTime + 2 * hour, failing],
    [someTime + 3 * hour, allWell],
    [someTime + 4 * hour, allWell],
    [someTime + 5 * hour, failing],
  ]);
  const [opened, recovered] = ["opened run-failed:nightly", "recovered run-failed:nightly"];
  assert.deepEqual(news, [[], [opened], [], [recovered], [], [opened]]);
});

test("what goes on is told again after a day, two, four, and then every week", () => {
  const hours = Array.from({ length: 24 * 30 }, (_, at) => at);
  const news = told(hours.map((at) => [someTime + at * hour, failing]));
  const days = hours.filter((at) => (news[at]?.length ?? 0) > 0).map((at) => at / 24);
  assert.deepEqual(days, [0, 1, 3, 7, 14, 21, 28]);
});

test("a clock that was set back by a year puts no reminder off by a year", () => {
  const year = 365 * day;
  const news = told([
    [someTime, failing],
    [someTime - year, failing],
    [someTime - year + day, failing],
  ]);
  assert.deepEqual(news, [["opened run-failed:nightly"], [], ["reminder run-failed:nightly"]]);
});

test("what is not known ends nothing: an unreadable state is no recovery", () => {
  const { open } = advanceAlerts([], failing, someTime);
  const unknown: AlertFacts = {
    plans: undefined,
    copies: undefined,
    uncovered: undefined,
    key: undefined,
    stoppedPrunes: undefined,
    damaged: undefined,
    arrivals: undefined,
    unreadable: undefined,
    openRuns: [],
  };
  const blind = advanceAlerts(open, unknown, someTime + hour);
  assert.deepEqual(blind.news, []);
  assert.deepEqual(blind.open, open);
  assert.equal(advanceAlerts(blind.open, allWell, someTime + 2 * hour).news.length, 1);
});

test("an alert that comes to be about more is told at once, about less not", () => {
  const uncovered = (...parts: string[]): AlertFacts => ({
    ...allWell,
    uncovered: { parts, database: false },
  });
  const news = told([
    [someTime, uncovered("media")],
    [someTime + hour, uncovered("media", "core_mosquitto")],
    [someTime + 2 * hour, uncovered("core_mosquitto")],
    [someTime + 3 * hour, uncovered()],
  ]);
  assert.deepEqual(news, [["opened uncovered"], ["worse uncovered"], [], ["recovered uncovered"]]);
});

test("Google Drive add-on #738: a run that hangs does not hide that the last backup is old", () => {
  const hanging: AlertFacts = {
    ...allWell,
    copies: [copyFacts()],
    openRuns: [{ plan: "nightly", locations: ["nas"] }],
  };
  const news = told([
    [someTime + day, hanging],
    [someTime + 3 * day, hanging],
  ]);
  assert.deepEqual(news, [[], ["opened copy-stale:nightly:nas"]]);
});

test("a home in which no run ever happened is not silent", () => {
  const never = { ...allWell, copies: [copyFacts({ lastGood: undefined, since: someTime })] };
  const news = told([
    [someTime + 2 * day, never],
    [someTime + 2 * day + 1, never],
  ]);
  assert.deepEqual(news, [[], ["opened copy-stale:nightly:nas"]]);
});

/** What may be known of two plans at two locations, in any state. */
const anyFacts: fc.Arbitrary<AlertFacts> = fc.record({
  plans: fc.option(
    fc.uniqueArray(
      fc.record({
        plan: fc.constantFrom("nightly", "weekly"),
        planName: fc.constant("A plan"),
        failures: fc.nat(3),
        error: fc.constantFrom(undefined, someError),
      }),
      { selector: (facts) => facts.plan },
    ),
    { nil: undefined },
  ),
  arrivals: fc.option(
    fc.uniqueArray(
      fc.record({
        location: fc.constantFrom("nas", "cloud"),
        locationName: fc.constant("A place"),
        failed: fc.array(fc.record({ file: fc.string(), message: fc.string() }), { maxLength: 3 }),
      }),
      { selector: ({ location }) => location },
    ),
    { nil: undefined },
  ),
  copies: fc.option(
    fc.uniqueArray(
      fc
        .record({
          plan: fc.constantFrom("nightly", "weekly"),
          location: fc.constantFrom("nas", "cloud"),
          failures: fc.nat(3),
          pruneError: fc.constantFrom(undefined, someError),
          lastGood: fc.option(fc.integer({ min: someTime - 9 * day, max: someTime + 9 * day }), {
            nil: undefined,
          }),
        })
        .map(copyFacts),
      { selector: ({ plan: id, location }) => `${id} ${location}` },
    ),
    { nil: undefined },
  ),
  uncovered: fc.record({
    parts: fc.subarray(["media", "share", "core_ssh"]),
    database: fc.boolean(),
  }),
  key: fc.constantFrom(null, undefined, {
    id: "3f9a1c",
    name: "Key",
    madeAt: someTime - 9 * day,
    isProven: false,
  }),
  stoppedPrunes: fc.constantFrom(
    [],
    [{ location: "nas", locationName: "the NAS", going: 3, touchable: 4 }],
  ),
  damaged: fc
    .subarray(["aa", "bb"])
    .map((slugs) => [{ location: "nas", locationName: "the NAS", slugs }]),
  unreadable: fc.constantFrom(undefined, [], [{ what: "settings", ...someError }]),
  openRuns: fc.constant([]),
});

const anyHistory = fc.array(fc.tuple(fc.nat(48), anyFacts), { maxLength: 30 });

test("told in turn: opened, reminders, ended once; then nothing until it opens again", () => {
  const property = fc.property(anyHistory, (history) => {
    const isOpen = new Set<string>();
    let open: readonly OpenAlert[] = [];
    let now = someTime;
    for (const [hours, facts] of history) {
      now += hours * hour;
      const next = advanceAlerts(open, facts, now);
      for (const { event, alert } of next.news) {
        assert.equal(isOpen.has(alert.id), event !== "opened", `${event} ${alert.id}`);
        if (event === "recovered") isOpen.delete(alert.id);
        else isOpen.add(alert.id);
      }
      assert.equal(new Set(next.news.map(({ alert }) => alert.id)).size, next.news.length);
      assert.deepEqual(new Set(next.open.map(({ id }) => id)), isOpen);
      open = next.open;
    }
  });
  fc.assert(property, { numRuns: loops(200) });
});

test("the same facts a second time tell nothing", () => {
  const property = fc.property(anyHistory, anyFacts, (history, facts) => {
    const { open } = advanceAlerts(openAfter(history), facts, someTime);
    const again = advanceAlerts(open, facts, someTime);
    assert.deepEqual(again, { open, news: [] });
  });
  fc.assert(property, { numRuns: loops(100) });
});

test("within one run no alert of its plan or its locations changes its mind", () => {
  const openRuns = [{ plan: "nightly", locations: ["nas"] }];
  const property = fc.property(anyHistory, anyHistory, (before, during) => {
    let open = openAfter(before);
    const news: AlertNews[] = [];
    for (const [, facts] of during) {
      const next = advanceAlerts(open, { ...facts, openRuns }, someTime);
      news.push(...next.news);
      open = next.open;
    }
    const concerned = news.filter(
      ({ alert }) => alert.plan === "nightly" || alert.location === "nas",
    );
    const opened = concerned.filter(({ event }) => event === "opened").map(({ alert }) => alert.id);
    assert.ok(concerned.every(({ event }) => event !== "recovered"));
    assert.equal(new Set(opened).size, opened.length);
  });
  fc.assert(property, { numRuns: loops(100) });
});

function openAfter(history: readonly (readonly [number, AlertFacts])[]): readonly OpenAlert[] {
  return history.reduce<readonly OpenAlert[]>(
    (open, [, facts]) => advanceAlerts(open, facts, someTime).open,
    [],
  );
}
