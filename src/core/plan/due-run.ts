import type { Plan } from "../model/plan.ts";
import type { Schedule } from "../model/schedule.ts";
import { latestRun, nextRun } from "../schedule/next-run.ts";
import { retryPause } from "./retry-pause.ts";

/** The last run of a plan, by itself or asked for. Times in milliseconds since 1970. */
export type LastRun =
  | { readonly state: "running" | "succeeded" | "cancelled"; readonly startedAt: number }
  | {
      /** No good backup was made. One that only did not reach every location has succeeded. */
      readonly state: "failed";
      readonly startedAt: number;
      readonly endedAt: number;
      /** How many runs of the plan in a row have failed, this one included. */
      readonly failures: number;
    };

/** What is known of a plan besides itself. */
export interface PlanHistory {
  /** When the plan was made or enabled, or its schedule changed. Nothing before was missed. */
  readonly since: number;
  readonly lastRun: LastRun | undefined;
  /** See `nextRun`. */
  readonly seed: string;
}

/** Whether a plan has to run now, and why. Times in milliseconds since 1970. */
export type RunDecision =
  | {
      readonly run: true;
      readonly reason: "scheduled" | "missed" | "retry";
      readonly dueAt: number;
    }
  | {
      readonly run: false;
      readonly reason: "disabled" | "no-schedule" | "running" | "not-due" | "retry-later";
      /** When to ask again, if nothing changes; undefined if time alone changes nothing. */
      readonly nextAt: number | undefined;
    };

const minute = 60_000;
/** A run that starts this much late has not been missed. */
const onTime = 15 * minute;
/** By so much a clock may be set back and the history still counts. */
const clockTolerance = 24 * 60 * minute;

/**
 * Decides whether a plan has to run at `now`.
 *
 * • Every run, also one asked for, deals with all that was due until it started: after a week without
 * power there is one run and not seven.
 * • What is due for more than 15 minutes is missed; it runs unless the plan says `catchUp: false`.
 * • A failed run is tried again after a pause (`retryPause`), if there is at least as much time left
 * before the next scheduled run, which else is the retry. A cancelled run is not tried again.
 * • A history that lies more than a day in the future was written by a wrong clock and does not count:
 * the plan runs once and goes on from there. If it is less, the plan waits until its time has come again.
 *
 * @param now milliseconds since 1970
 */
export function dueRun(
  plan: Pick<Plan<unknown>, "enabled" | "schedule" | "catchUp">,
  history: PlanHistory,
  now: number,
): RunDecision {
  const { schedule, catchUp } = plan;
  const { seed, lastRun } = history;
  if (!plan.enabled) return wait("disabled", undefined);
  if (schedule === undefined) return wait("no-schedule", undefined);
  if (lastRun?.state === "running") return wait("running", undefined);
  const from = dealtWithUntil(history, now);
  const due = latestRun(schedule, { from, to: now }, seed);
  const next = nextRun(schedule, Math.max(from, now), seed);
  if (due !== undefined) {
    if (now - due <= onTime) return { run: true, reason: "scheduled", dueAt: due };
    return catchUp ? { run: true, reason: "missed", dueAt: due } : wait("not-due", next);
  }
  const retryAt = retryTime(history, { schedule, now });
  if (retryAt === undefined) return wait("not-due", next);
  if (retryAt > now) return wait("retry-later", retryAt);
  const isWanted = catchUp || now - retryAt <= onTime;
  return isWanted ? { run: true, reason: "retry", dueAt: retryAt } : wait("not-due", next);
}

/** Until when all that was due has been run, or does not count. */
function dealtWithUntil({ since, lastRun }: PlanHistory, now: number): number {
  const times = [since, ...(lastRun === undefined ? [] : [lastRun.startedAt])];
  return Math.max(...times.filter((time) => isCredible(time, now)), Number.NEGATIVE_INFINITY);
}

/**
 * When the last run is tried again if it failed; undefined if it is not. It is not once another run has
 * come due, even if that one does not count.
 */
function retryTime(
  { lastRun, seed }: PlanHistory,
  { schedule, now }: { readonly schedule: Schedule; readonly now: number },
): number | undefined {
  if (lastRun?.state !== "failed" || !isCredible(lastRun.endedAt, now)) return undefined;
  const pause = retryPause(lastRun.failures);
  const retryAt = lastRun.endedAt + pause;
  const next = nextRun(schedule, lastRun.startedAt, seed) ?? Number.POSITIVE_INFINITY;
  return now < next && retryAt + pause <= next ? retryAt : undefined;
}

function isCredible(time: number, now: number): boolean {
  return time <= now + clockTolerance;
}

function wait(
  reason: Extract<RunDecision, { run: false }>["reason"],
  nextAt: number | undefined,
): RunDecision {
  return { run: false, reason, nextAt };
}
