import type { PlanRecord, PlanRun } from "#core/model/plan-record.ts";
import { comingRuns, type ComingRun } from "#core/plan/coming-runs.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";
import { historyOf, recordOf } from "#core/plan/plan-record.ts";
import { planSeed } from "#core/plan/plan-seed.ts";
import { wordSchedule } from "#core/schedule/word-schedule.ts";

/** A plan with what is known of its runs, as the edges show it. Dates are ISO 8601, in UTC. */
export interface DescribedPlan extends HomePlan {
  /** The schedule in English. */
  readonly when: string;
  /** The runs to come; empty if it does not run by itself. */
  readonly coming: readonly { readonly at: string; readonly reason: ComingRun["reason"] }[];
  /** Undefined if none is known. */
  readonly lastRun: DescribedPlanRun | undefined;
  /** When the last run that succeeded began. */
  readonly lastSuccess: string | undefined;
}

export interface DescribedPlanRun extends Pick<
  PlanRun,
  "state" | "reason" | "failures" | "message"
> {
  readonly due: string;
  readonly started: string;
  readonly ended: string | undefined;
}

export interface PlanFacts {
  /** Undefined if nothing is remembered. */
  readonly record: PlanRecord | undefined;
  /** Id of the installation. */
  readonly installation: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How many runs to come are told, at most. */
  readonly count: number;
}

export function describePlan(plan: HomePlan, facts: PlanFacts): DescribedPlan {
  const { record: stored, installation, now, count } = facts;
  const record = recordOf(plan, stored, now);
  const history = historyOf(record, planSeed(installation, plan.id));
  const { lastRun, lastSuccess } = record;
  return {
    ...plan,
    when: wordSchedule(plan.schedule),
    coming: comingRuns(plan, history, { now, count }).map(({ at, reason }) => ({
      at: iso(at),
      reason,
    })),
    lastRun: lastRun && describeRun(lastRun),
    lastSuccess: lastSuccess === undefined ? undefined : iso(lastSuccess),
  };
}

function describeRun(run: PlanRun): DescribedPlanRun {
  const { state, reason, failures, message, dueAt, startedAt, endedAt } = run;
  const ended = endedAt === undefined ? undefined : iso(endedAt);
  return { state, reason, failures, message, due: iso(dueAt), started: iso(startedAt), ended };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
