import assert from "node:assert/strict";
import { test } from "node:test";
import { pauseBeforeRetry } from "./retry-policy.ts";

const policy = { attempts: 6, firstPauseInMs: 1000, longestPauseInMs: 5000 };
const unreachable = { problem: "unreachable", message: "The place does not answer" } as const;

test("pauses grow up to a bound, and end with the last attempt", () => {
  const pauses = [1, 2, 3, 4, 5, 6].map((attempts) =>
    pauseBeforeRetry(policy, { attempts, error: unreachable }, 0),
  );
  assert.deepEqual(pauses, [500, 1000, 2000, 2500, 2500, undefined]);
});

test("only what may pass by itself is tried again", () => {
  const tried = (["busy", "unreachable", "no-space", "damaged", "fault", "cancelled"] as const).map(
    (problem) =>
      pauseBeforeRetry(policy, { attempts: 1, error: { problem, message: "" } }, 0.5) !== undefined,
  );
  assert.deepEqual(tried, [true, true, false, false, false, false]);
});
