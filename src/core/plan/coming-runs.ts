import type { RunReason } from "../model/plan-record.ts";
import { nextRun } from "../schedule/next-run.ts";
import type { Plan } from "../model/plan.ts";
import { dueRun, type PlanHistory } from "./due-run.ts";

/** A run that will be, if nothing changes. */
export interface ComingRun {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reason: Exclude<RunReason, "asked">;
}

/**
 * The next runs of a plan, in order, as if each of them succeeded at once: what is missed or tried again
 * first, then by the schedule. Empty for a plan that is not enabled or has no schedule.
 * @param now milliseconds since 1970
 * @param count how many, at most
 */
export function comingRuns(
  plan: Pick<Plan<unknown>, "enabled" | "schedule" | "catchUp">,
  history: PlanHistory,
  { now, count }: { readonly now: number; readonly count: number },
): readonly ComingRun[] {
  const { enabled, schedule } = plan;
  if (!enabled || schedule === undefined) return [];
  const runs = [...firstRuns(plan, history, now)];
  while (runs.length < count) {
    const at = nextRun(schedule, runs.at(-1)?.at ?? now, history.seed);
    if (at === undefined) break;
    runs.push({ at, reason: "scheduled" });
  }
  return runs.slice(0, count);
}

function firstRuns(
  plan: Parameters<typeof comingRuns>[0],
  history: PlanHistory,
  now: number,
): readonly ComingRun[] {
  const decision = dueRun(plan, history, now);
  if (decision.run) return [{ at: now, reason: decision.reason }];
  const { reason, nextAt } = decision;
  if (nextAt === undefined) return [];
  return [{ at: nextAt, reason: reason === "retry-later" ? "retry" : "scheduled" }];
}
