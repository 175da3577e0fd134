import type { Plan } from "../model/plan.ts";
import type { PlanOutcome, PlanRecord, PlanRun, RunReason } from "../model/plan-record.ts";
import type { LastRun, PlanHistory } from "./due-run.ts";

type Timing = Pick<Plan<unknown>, "enabled" | "schedule">;

/** Names when a plan runs: another text, another timing. */
export function timingOf({ enabled, schedule }: Timing): string {
  return JSON.stringify([enabled, schedule ?? null]);
}

/**
 * What is remembered of a plan that is as it is at `now`: a plan that has just been made or enabled, or got
 * another schedule, has missed nothing; its last run stays.
 */
export function recordOf(plan: Timing, stored: PlanRecord | undefined, now: number): PlanRecord {
  const timing = timingOf(plan);
  if (stored === undefined)
    return { since: now, timing, lastRun: undefined, lastSuccess: undefined };
  return stored.timing === timing ? stored : { ...stored, since: now, timing };
}

/**
 * What can be known of a plan that nothing is remembered of.
 * @param lastBackup when its last backup was made, in milliseconds since 1970; undefined if there is none
 */
export function recordFromBackup(
  plan: Timing,
  lastBackup: number | undefined,
  now: number,
): PlanRecord {
  const timing = timingOf(plan);
  if (lastBackup === undefined) return recordOf(plan, undefined, now);
  const lastRun: PlanRun = {
    state: "succeeded",
    reason: "scheduled",
    dueAt: lastBackup,
    startedAt: lastBackup,
    endedAt: lastBackup,
    failures: 0,
    message: undefined,
  };
  return { since: lastBackup, timing, lastRun, lastSuccess: lastBackup };
}

/** As `dueRun` wants it. @param seed see `nextRun` */
export function historyOf({ since, lastRun }: PlanRecord, seed: string): PlanHistory {
  return { since, lastRun: lastRun && asLastRun(lastRun), seed };
}

function asLastRun({ state, startedAt, endedAt, failures }: PlanRun): LastRun {
  if (state !== "failed") return { state, startedAt };
  return { state, startedAt, endedAt: endedAt ?? startedAt, failures: Math.max(failures, 1) };
}

/** The record of a plan of which a run begins at `now`. */
export function withBegunRun(
  record: PlanRecord,
  { reason, dueAt }: { readonly reason: RunReason; readonly dueAt: number },
  now: number,
): PlanRecord {
  const lastRun: PlanRun = {
    state: "running",
    reason,
    dueAt,
    startedAt: now,
    endedAt: undefined,
    failures: record.lastRun?.failures ?? 0,
    message: undefined,
  };
  return { ...record, lastRun };
}

/** The record of a plan whose run ends at `now`; as it is if none runs. */
export function withEndedRun(
  record: PlanRecord,
  { outcome, message }: { readonly outcome: PlanOutcome; readonly message: string | undefined },
  now: number,
): PlanRecord {
  const { lastRun } = record;
  if (lastRun?.state !== "running") return record;
  const failed = { failed: lastRun.failures + 1, cancelled: lastRun.failures, succeeded: 0 };
  const ended = { ...lastRun, state: outcome, endedAt: now, failures: failed[outcome], message };
  const lastSuccess = outcome === "succeeded" ? lastRun.startedAt : record.lastSuccess;
  return { ...record, lastRun: ended, lastSuccess };
}
