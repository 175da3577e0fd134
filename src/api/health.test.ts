import assert from "node:assert/strict";
import { test } from "node:test";
import { describeHealth } from "./health.ts";

const minute = 60_000;
const well = { now: 100 * minute, stateProblem: undefined, schedulerSeen: 99 * minute, started: 0 };

test("a server that does its work is healthy, whatever becomes of backups", () => {
  assert.deepEqual(describeHealth(well), { status: 200, body: { status: "ok", problems: [] } });
});

test("a state file that cannot be used and a scheduler that is silent are told together", () => {
  const { status, body } = describeHealth({
    ...well,
    stateProblem: "it is in use by another process",
    schedulerSeen: 90 * minute,
  });
  assert.equal(status, 503);
  assert.deepEqual(body, {
    status: "failing",
    problems: [
      "The state file cannot be used: it is in use by another process",
      "The scheduler has not looked for 10 minutes what is due",
    ],
  });
});

test("a scheduler that has only just begun is given time, one that never looks is not", () => {
  const young = { ...well, schedulerSeen: undefined, started: 98 * minute };
  assert.equal(describeHealth(young).status, 200);
  assert.equal(describeHealth({ ...young, started: 10 * minute }).status, 503);
});

test("a clock that was set back makes nobody unhealthy", () => {
  assert.equal(describeHealth({ ...well, now: -1e9 }).status, 200);
});
