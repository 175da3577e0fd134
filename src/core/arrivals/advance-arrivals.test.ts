import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { advanceArrivals } from "./advance-arrivals.ts";
import { tryAgain, wasChecked, wasDelivered } from "./arrival-outcome.ts";
import type { Arrival, SeenArchive } from "./arrival.ts";

const minute = 60_000;
const start = 1_700_000_000_000;

function seen(changes: Partial<SeenArchive> = {}): SeenArchive {
  const nothing = { isOwn: false, isRead: false, cameWhole: false, problem: undefined };
  return { file: "a.tar", version: "1", modifiedAt: start, ...nothing, ...changes };
}

function look(
  before: ReadonlyMap<string, Arrival> | undefined,
  archives: readonly SeenArchive[],
  after = 0,
): ReadonlyMap<string, Arrival> {
  return advanceArrivals(before, archives, start + after);
}

function stateIn(arrivals: ReadonlyMap<string, Arrival>, file = "a.tar"): string | undefined {
  return arrivals.get(file)?.state;
}

test("what was there at the first look stays as it is, but for what has just come by the inbox", () => {
  const first = look(undefined, [seen(), seen({ file: "b.tar", cameWhole: true })]);
  assert.equal(stateIn(first), "known");
  assert.equal(stateIn(first, "b.tar"), "unchecked");
  assert.equal(stateIn(look(first, [seen()], 10 * minute)), "known");
});

test("what appears is left alone until it has come to rest", () => {
  let arrivals = look(new Map(), [seen()]);
  assert.equal(stateIn(arrivals), "growing");
  arrivals = look(arrivals, [seen({ version: "2", modifiedAt: start + minute })], minute);
  assert.equal(stateIn(arrivals), "growing", "it has grown");
  arrivals = look(
    arrivals,
    [seen({ version: "2", modifiedAt: start + 2 * minute - 1 })],
    2 * minute,
  );
  assert.equal(stateIn(arrivals), "growing", "its time says that somebody writes");
  arrivals = look(arrivals, [seen({ version: "2", modifiedAt: 0 })], 2 * minute);
  assert.equal(stateIn(arrivals), "unchecked", "a copy keeps the time of what it is a copy of");
});

test("what has come to rest and cannot be read is told, and tried no more", () => {
  const problem = "It ends too early";
  const growing = look(new Map(), [seen({ problem })]);
  const failed = look(growing, [seen({ problem })], minute);
  assert.deepEqual([stateIn(failed), failed.get("a.tar")?.message], ["failed", problem]);
  const mended = look(failed, [seen({ version: "2", modifiedAt: start + minute })], minute);
  assert.equal(stateIn(mended), "growing", "somebody copies it once more");
});

test("what is the home's own, or was read, is nobody's concern", () => {
  assert.equal(stateIn(look(new Map(), [seen({ isOwn: true })])), "known");
  assert.equal(stateIn(look(new Map(), [seen({ isRead: true, cameWhole: true })])), "known");
  const growing = look(new Map(), [seen()]);
  assert.equal(stateIn(look(growing, [seen({ isRead: true })])), "known");
});

test("what is gone is forgotten, and what is done stays done", () => {
  const states = ["done", "failed", "undelivered", "unchecked", "known"] as const;
  fc.assert(
    fc.property(fc.constantFrom(...states), fc.nat(1e9), (state, after) => {
      const [arrival] = look(new Map(), [seen()]).values();
      assert.ok(arrival);
      const before = new Map([["a.tar", { ...arrival, state }]]);
      assert.equal(stateIn(look(before, [seen()], after)), state);
      assert.equal(look(before, [], after).size, 0);
    }),
  );
});

test("a delivery is tried again after pauses that grow, until it has reached every location", () => {
  const [arrival] = look(new Map(), [seen({ cameWhole: true })]).values();
  assert.ok(arrival);
  assert.equal(wasChecked(arrival, []).state, "done");
  const checked = wasChecked(arrival, ["nas", "cloud"]);
  const away = { location: "cloud", arrived: false, message: "It is away", isFinal: false };
  const there = { location: "nas", arrived: true, message: undefined, isFinal: false };
  let tried = wasDelivered(checked, [there, away], start);
  assert.deepEqual([tried.state, tried.waiting], ["undelivered", ["cloud"]]);
  const pauses: number[] = [];
  for (let now = start; pauses.length < 7; now = tried.nextAt) {
    tried = tryAgain(tried, "It is away", now);
    pauses.push((tried.nextAt - now) / minute);
  }
  assert.deepEqual(pauses, [5, 15, 60, 180, 180, 180, 180]);
  assert.equal(wasDelivered(tried, [{ ...away, isFinal: true }], start).state, "failed");
  assert.equal(wasDelivered(tried, [{ ...away, arrived: true }], start).state, "done");
});
