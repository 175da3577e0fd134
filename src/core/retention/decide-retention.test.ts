import assert from "node:assert/strict";
import { test } from "node:test";
import type { CopyFacts, CopyState } from "#core/model/copy.ts";
import {
  dailyCopies,
  keptOf,
  now,
  ownCopy,
  removedOf,
  ruleOf,
  slugsOf,
} from "#test/retention-cases.ts";
import { decideRetention } from "./decide-retention.ts";
import type { RetentionReason } from "./retention-reason.ts";
import type { RetentionRule } from "./retention-rule.ts";

const day = 24 * 3_600_000;
const year = 365 * day;

/** Slugs of what stays, newest first. */
function kept(rule: RetentionRule, copies: readonly CopyFacts[], at = now): string[] {
  return keptOf(decideRetention(rule, copies, at)).map(({ slug }) => slug);
}

function reasonsFor(
  slug: string,
  rule: RetentionRule,
  copies: readonly CopyFacts[],
): readonly RetentionReason[] {
  const found = decideRetention(rule, copies, now).find(({ copy }) => copy.slug === slug);
  return found?.reasons ?? assert.fail(`${slug} has no decision`);
}

/** Carries a rule out after each of the copies, as a program that runs all the time would. */
function pruneAfterEach(rule: RetentionRule, copies: readonly CopyFacts[]): CopyFacts[] {
  return copies.reduce<CopyFacts[]>(
    (left, copy) => keptOf(decideRetention(rule, [...left, copy], copy.date ?? now)),
    [],
  );
}

test("a rule that states nothing keeps everything", () => {
  const copies = dailyCopies(20, "2026-11-01T03:00[Europe/Berlin]");
  assert.equal(kept(ruleOf({}), copies).length, 20);
  assert.deepEqual(reasonsFor("day 1", ruleOf({}), copies), [{ kind: "no-limit" }]);
});

test("copies are counted from the newest, to the millisecond", () => {
  const copies = [1, 2, 3].map((at) => ownCopy(`at ${at}`, now - 4 + at));
  assert.deepEqual(kept(ruleOf({ copies: 2 }), copies), ["at 3", "at 2"]);
});

test("what any condition keeps stays: no maximum wins over a generation", () => {
  const copies = dailyCopies(20, "2026-11-01T03:00[Europe/Berlin]");
  const rule = ruleOf({ copies: 2, generations: { daily: 3, weekly: 2, monthly: 1 } });
  assert.deepEqual(kept(rule, copies), ["day 20", "day 19", "day 18", "day 15"]);
});

test("says of each copy every condition that keeps it, or all of them if none does", () => {
  const copies = dailyCopies(20, "2026-11-01T03:00[Europe/Berlin]");
  const rule = ruleOf({ copies: 2, days: 3, generations: { daily: 1, weekly: 2 } });
  const daily = { kind: "generation", generation: "daily", of: 1 } as const;
  const weekly = { kind: "generation", generation: "weekly", of: 2 } as const;
  assert.deepEqual(reasonsFor("day 20", rule, copies), [
    { kind: "newest", among: "proven" },
    { kind: "copies", place: 1, of: 2 },
    { kind: "days", place: 1, of: 3 },
    { ...daily, period: "2026-11-20", place: 1 },
    { ...weekly, period: "2026-W47", place: 1 },
  ]);
  assert.deepEqual(reasonsFor("day 18", rule, copies), [{ kind: "days", place: 3, of: 3 }]);
  assert.deepEqual(reasonsFor("day 14", rule, copies), [
    { kind: "copies", place: 7, of: 2 },
    { kind: "days", place: 7, of: 3 },
    { ...daily, period: "2026-11-14", place: 7 },
    { kind: "replaced", generation: "weekly", period: "2026-W46", by: "day 15" },
  ]);
});

test("a period beyond the last is told for all of its copies", () => {
  const copies = dailyCopies(20, "2026-11-01T03:00[Europe/Berlin]");
  const beyond = { kind: "generation", generation: "weekly", place: 2, of: 1 } as const;
  for (const slug of ["day 14", "day 15"])
    assert.deepEqual(reasonsFor(slug, ruleOf({ generations: { weekly: 1 } }), copies), [
      { ...beyond, period: "2026-W46" },
    ]);
});

test("of a day the latest backup stands for it, on an anchor day as well", () => {
  const copies = [9, 12, 15].map((hour) =>
    ownCopy(
      `at ${hour}`,
      `2026-11-${hour === 15 ? "20" : "18"}T${hour.toString().padStart(2, "0")}:00Z`,
    ),
  );
  assert.deepEqual(kept(ruleOf({ generations: { daily: 5 } }), copies), ["at 15", "at 12"]);
  const onWednesday = ruleOf({ generations: { weekly: 5 }, anchors: { weekly: 3 } });
  assert.deepEqual(kept(onWednesday, copies), ["at 15", "at 12"]);
});

test("an anchor moves what stands for a week, a month and a year", () => {
  const copies = dailyCopies(60, "2026-09-24T03:00[Europe/Berlin]");
  const weekly = ruleOf({ generations: { weekly: 3 }, anchors: { weekly: 3 } });
  assert.deepEqual(
    kept(weekly, copies).map((slug) => dayOf(slug, copies)),
    ["2026-11-22", "2026-11-18", "2026-11-11", "2026-11-04"],
  );
  const monthly = ruleOf({ generations: { monthly: 3 }, anchors: { monthly: 15 } });
  assert.deepEqual(
    kept(monthly, copies).map((slug) => dayOf(slug, copies)),
    ["2026-11-22", "2026-11-15", "2026-10-15", "2026-09-24"],
  );
  const yearly = ruleOf({ generations: { yearly: 3 }, anchors: { yearly: 300 } });
  assert.deepEqual(
    kept(yearly, copies).map((slug) => dayOf(slug, copies)),
    ["2026-11-22", "2026-10-27"],
  );
});

function dayOf(slug: string, copies: readonly CopyFacts[]): string {
  const date = copies.find((copy) => copy.slug === slug)?.date ?? Number.NaN;
  return Temporal.Instant.fromEpochMilliseconds(date)
    .toZonedDateTimeISO("Europe/Berlin")
    .toPlainDate()
    .toString();
}

test("OneDrive backup add-on: beyond twelve months each month still keeps its own backup", () => {
  const copies = Array.from({ length: 30 }, (_, index) =>
    ownCopy(
      `month ${index + 1}`,
      Temporal.ZonedDateTime.from("2024-06-01T03:00[Europe/Berlin]").add({ months: index })
        .epochMilliseconds,
    ),
  );
  assert.equal(kept(ruleOf({ generations: { monthly: 24 } }), copies).length, 24);
  assert.equal(kept(ruleOf({ generations: { weekly: 30 } }), copies).length, 30);
});

test("weeks keep their own backup over a New Year in the middle of the week", () => {
  const copies = dailyCopies(28, "2026-12-14T03:00[Europe/Berlin]");
  const rule = ruleOf({ generations: { weekly: 4 } });
  assert.deepEqual(
    keptOf(decideRetention(rule, copies, now + year)).map(({ slug }) => dayOf(slug, copies)),
    ["2027-01-10", "2027-01-03", "2026-12-27", "2026-12-20"],
  );
});

for (const zone of ["Europe/Berlin", "America/New_York"]) {
  // 02:30 does not exist on the day when the clock is put forward, and twice when it is put back.
  for (const time of ["00:00", "02:30", "03:00", "23:59"]) {
    test(`Google Drive add-on #809: in a year of nights at ${time} in ${zone} no change of the clock costs a backup`, () => {
      const copies = dailyCopies(365, `2026-01-01T${time}[${zone}]`);
      const rules = [
        ruleOf({ zone, generations: { daily: 7 } }),
        ...(time === "02:30" ? [] : [ruleOf({ zone, days: 7 })]),
      ];
      for (const rule of rules) {
        let left: CopyFacts[] = [];
        for (const [index, copy] of copies.entries()) {
          left = keptOf(decideRetention(rule, [...left, copy], copy.date ?? now));
          assert.deepEqual(slugsOf(left), slugsOf(copies.slice(Math.max(0, index - 6), index + 1)));
        }
      }
    });
  }
}

test("every hour of the day with 25 hours keeps its own backup", () => {
  const start = Temporal.ZonedDateTime.from("2026-10-25T00:05[Europe/Berlin]");
  const copies = Array.from({ length: 25 }, (_, hours) =>
    ownCopy(`hour ${hours}`, start.add({ hours }).epochMilliseconds),
  );
  assert.equal(kept(ruleOf({ generations: { hourly: 25 } }), copies).length, 25);
  assert.equal(kept(ruleOf({ days: 1 }), copies).length, 25);
});

test("Home Assistant core#181514: a restart every hour for ten days changes nothing about keeping 3 days", () => {
  for (const rule of [
    ruleOf({ days: 3 }),
    ruleOf({ days: 3, generations: { hourly: 5, weekly: 2 }, anchors: { weekly: 2 } }),
  ]) {
    const copies = dailyCopies(10, "2026-10-20T03:00[Europe/Berlin]");
    let restarted: CopyFacts[] = [];
    const start = copies[0]?.date ?? now;
    for (let hour = 0; hour < 24 * 10 + 1; hour += 1) {
      const at = start + (hour * day) / 24;
      const made = copies.filter(({ date = now }) => date > at - day / 24 && date <= at);
      // At the start and after the run, from nothing but what is stored.
      restarted = keptOf(decideRetention(rule, restarted, at));
      restarted = keptOf(decideRetention(rule, [...restarted, ...made], at));
    }
    assert.deepEqual(restarted, pruneAfterEach(rule, copies));
    if (Object.keys(rule.generations).length === 0)
      assert.deepEqual(slugsOf(restarted), ["day 10", "day 8", "day 9"]);
  }
});

test("Home Assistant core#136028: ten failed and ten unverified backups push no good one out", () => {
  const good = dailyCopies(7, "2026-10-01T03:00[Europe/Berlin]");
  const failed = dailyCopies(10, "2026-10-08T03:00[Europe/Berlin]", { verification: "failed" });
  const unread = dailyCopies(10, "2026-10-18T03:00[Europe/Berlin]", {
    verification: "unverified",
  });
  const worse = [...failed, ...unread].map((copy, at) => ({ ...copy, slug: `worse ${at}` }));
  for (const rule of [
    ruleOf({ copies: 7 }),
    ruleOf({ days: 7 }),
    ruleOf({ generations: { daily: 7 } }),
  ]) {
    const left = kept(rule, [...good, ...worse]);
    for (const { slug } of good) assert.ok(left.includes(slug), slug);
  }
});

test("a copy that is only queued, being sent or missing pushes nothing out and is not touched", () => {
  const copies = dailyCopies(3, "2026-11-01T03:00[Europe/Berlin]");
  for (const state of ["queued", "sending", "missing"] as const satisfies CopyState[]) {
    const next = ownCopy("next", "2026-11-04T02:00Z", { state });
    const decisions = decideRetention(ruleOf({ copies: 3 }), [...copies, next], now);
    assert.deepEqual(removedOf(decisions), []);
    assert.deepEqual(decisions[0]?.reasons, [{ kind: "left-alone", because: "not-there" }]);
  }
});

test("unverified backups, if there is nothing else, are rotated as good ones are", () => {
  const copies = dailyCopies(20, "2026-11-01T03:00[Europe/Berlin]", { verification: "unverified" });
  assert.equal(kept(ruleOf({ copies: 7 }), copies).length, 7);
});

test("the last proven backup stays behind any number of readable ones, and is told so", () => {
  const proven = ownCopy("proven", "2026-01-01T03:00Z");
  const readable = dailyCopies(9, "2026-11-01T03:00[Europe/Berlin]", { verification: "readable" });
  const rule = ruleOf({ copies: 2 });
  assert.deepEqual(kept(rule, [proven, ...readable]), ["day 9", "day 8", "proven"]);
  assert.deepEqual(reasonsFor("proven", rule, [proven, ...readable]), [
    { kind: "newest", among: "proven" },
  ]);
});

test("what was just made stays, even where an older one stands for its month", () => {
  const copies = dailyCopies(20, "2026-11-01T03:00[Europe/Berlin]");
  const rule = ruleOf({ generations: { monthly: 1 }, anchors: { monthly: 1 } });
  assert.deepEqual(kept(rule, copies), ["day 20", "day 1"]);
});

test("the newest good backup and the newest of all stay beside the newest proven one", () => {
  const first = ownCopy("first", "2026-11-01T03:00Z");
  const proven = ownCopy("proven", "2026-11-05T03:00Z");
  const readable = ownCopy("readable", "2026-11-10T03:00Z", { verification: "readable" });
  const unread = ownCopy("unread", "2026-11-15T03:00Z", { verification: "unverified" });
  const copies = [first, proven, readable, unread];
  const rule = ruleOf({ generations: { monthly: 1 }, anchors: { monthly: 1 } });
  assert.deepEqual(kept(rule, copies), ["unread", "readable", "proven", "first"]);
  for (const [slug, among] of [
    ["unread", "all"],
    ["readable", "good"],
    ["proven", "proven"],
  ] as const)
    assert.deepEqual(reasonsFor(slug, rule, copies), [{ kind: "newest", among }]);
});

test("a damaged backup stays until there is a newer good one and the rule lets it go", () => {
  const bad = ownCopy("bad", "2026-11-10T03:00Z", { state: "damaged" });
  const older = ownCopy("older", "2026-11-01T03:00Z");
  const newer = dailyCopies(2, "2026-11-11T03:00[Europe/Berlin]");
  const rule = ruleOf({ copies: 2 });
  assert.deepEqual(kept(ruleOf({ copies: 1 }), [older, bad]), ["bad", "older"]);
  assert.deepEqual(reasonsFor("bad", ruleOf({ days: 1 }), [older, bad])[0], {
    kind: "nothing-better",
  });
  assert.ok(kept(rule, [bad, ...newer.slice(0, 1)]).includes("bad"));
  assert.ok(!kept(rule, [bad, ...newer]).includes("bad"));
});

test("backups that are all damaged all stay", () => {
  const copies = dailyCopies(9, "2026-11-01T03:00[Europe/Berlin]", { verification: "failed" });
  assert.equal(kept(ruleOf({ copies: 1 }), copies).length, 9);
});

test("Google Drive add-on #75, #129, OneDrive #9, Samba backup: two installations that share a place each keep their own", () => {
  const own = dailyCopies(5, "2026-11-01T03:00[Europe/Berlin]");
  const other = dailyCopies(5, "2026-11-01T04:00[Europe/Berlin]", { owner: "other" }).map(
    (copy) => ({ ...copy, slug: `their ${copy.slug}` }),
  );
  const left = kept(ruleOf({ copies: 2 }), [...own, ...other]);
  assert.deepEqual(
    left.toSorted(),
    ["day 4", "day 5", ...other.map(({ slug }) => slug)].toSorted(),
  );
});

test("Google Drive add-on #53: a new installation deletes nothing that it finds and cannot place", () => {
  const found = dailyCopies(31, "2026-10-01T03:00[Europe/Berlin]", { owner: "unknown" });
  assert.equal(kept(ruleOf({ copies: 4 }), found).length, 31);
});

test("Google Drive add-on #901: a mark to keep a backup that was forgotten, not taken away, still protects", () => {
  const rebuilt = dailyCopies(9, "2026-11-01T03:00[Europe/Berlin]", { pinned: undefined });
  assert.equal(kept(ruleOf({ copies: 1 }), rebuilt).length, 9);
});

test("pinned backups do not count", () => {
  const pinned = ownCopy("pinned", "2026-11-21T03:00Z", { pinned: true });
  const copies = dailyCopies(5, "2026-11-01T03:00[Europe/Berlin]");
  assert.deepEqual(kept(ruleOf({ copies: 2 }), [pinned, ...copies]), ["pinned", "day 5", "day 4"]);
});

test("of copies with one slug none is removed, as none can be named", () => {
  const twins = [ownCopy("a", now - 9 * day), ownCopy("a", now - 8 * day)];
  assert.equal(kept(ruleOf({ copies: 1 }), [...twins, ownCopy("b", now)]).length, 3);
});

test("a copy whose date is missing or none that can be stays", () => {
  for (const date of [undefined, Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5, 9e15]) {
    const odd = { ...ownCopy("odd", 0), date };
    const copies = [...dailyCopies(5, "2026-11-01T03:00[Europe/Berlin]"), odd];
    const decision = decideRetention(ruleOf({ copies: 1 }), copies, 1e16).at(-1);
    assert.deepEqual(decision, {
      copy: odd,
      outcome: "keep",
      reasons: [{ kind: "left-alone", because: "date-unreadable" }],
    });
  }
});

test("tells all reasons to leave a copy alone", () => {
  const odd = ownCopy("odd", now + day, { owner: "other", pinned: true });
  assert.deepEqual(
    reasonsFor("odd", ruleOf({ copies: 1 }), [odd]),
    (["other-owner", "pinned", "date-in-future"] as const).map((because) => ({
      kind: "left-alone",
      because,
    })),
  );
});

test("a plan that runs every hour does not push out the backups of one that runs every month", () => {
  const monthly = [1, 2, 3].map((month) =>
    ownCopy(`month ${month}`, `2026-0${month}-01T03:00Z`, { plan: "all" }),
  );
  const hourly = dailyCopies(24, "2026-10-01T03:00[Europe/Berlin]", { plan: "settings" });
  const left = kept(ruleOf({ copies: 3 }), [...monthly, ...hourly]);
  assert.deepEqual(left, ["day 24", "day 23", "day 22", "month 3", "month 2", "month 1"]);
});

test("a home that was off for a month finds its backups as it left them", () => {
  const copies = dailyCopies(14, "2026-10-01T03:00[Europe/Berlin]");
  const rule = ruleOf({ days: 14 });
  assert.equal(kept(rule, copies, now).length, 14);
  const next = ownCopy("next", "2026-11-20T02:00Z");
  assert.deepEqual(slugsOf(removedOf(decideRetention(rule, [...copies, next], now))), ["day 1"]);
});

test("a clock that is a year ahead for some days costs what the same days cost without", () => {
  const rule = ruleOf({ days: 10, copies: 4, generations: { daily: 12 } });
  const before = dailyCopies(20, "2026-10-01T03:00[Europe/Berlin]");
  const next = dailyCopies(5, "2026-10-21T03:00[Europe/Berlin]").map((copy, at) => ({
    ...copy,
    slug: `next ${at}`,
  }));
  const ahead = next.map((copy) => ({ ...copy, date: (copy.date ?? 0) + year }));
  const left = slugsOf(pruneAfterEach(rule, [...before, ...ahead]));
  assert.deepEqual(left, slugsOf(pruneAfterEach(rule, [...before, ...next])));
});

test("when the clock is right again, what it dated ahead stays and pushes nothing out", () => {
  const rule = ruleOf({ copies: 4 });
  const ahead = dailyCopies(9, "2027-10-01T03:00[Europe/Berlin]").map((copy, at) => ({
    ...copy,
    slug: `ahead ${at}`,
  }));
  const right = dailyCopies(6, "2026-11-01T03:00[Europe/Berlin]");
  const left = kept(rule, [...ahead, ...right]);
  assert.deepEqual(left.slice(9), ["day 6", "day 5", "day 4", "day 3"]);
  assert.equal(left.length, 13);
});

test("a clock that is put back a year removes nothing of what was made before", () => {
  const copies = dailyCopies(9, "2026-11-01T03:00[Europe/Berlin]");
  const back = ownCopy("back", now - year);
  const decisions = decideRetention(ruleOf({ copies: 1, days: 1 }), [...copies, back], now - year);
  assert.deepEqual(removedOf(decisions), []);
});

test("a plan that runs every week keeps as many days as it says, told how long its pauses are", () => {
  const copies = Array.from({ length: 20 }, (_, week) =>
    ownCopy(`week ${week}`, now - week * 7 * day, { plan: "weekly" }),
  );
  const days = { days: 30 };
  assert.equal(kept(ruleOf({ ...days, longestPauseInHours: 169 }), copies).length, 5);
  // Not told, it takes the pauses for failures and keeps more.
  assert.equal(kept(ruleOf(days), copies).length, 20);
});

test("there is no deciding without a time", () => {
  assert.throws(() => decideRetention(ruleOf({}), [], Number.NaN), RangeError);
});
