import type { PlanRecord } from "#core/model/plan-record.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";
import { withBegunRun, withEndedRun } from "#core/plan/plan-record.ts";
import { stepErrorOf } from "../runs/step-error.ts";
import { presentRecord } from "./present-record.ts";
import type { PlanOccasion, PlanRunEnd, SchedulerTools } from "./scheduler-tools.ts";

/** A run that has been noted and not been begun. */
export interface NotedRun {
  /** Carries it out and notes its end; never rejects. */
  carryOut(): Promise<PlanRunEnd>;
}

/**
 * Notes that a plan runs, so that a crash from here on is known for one. A run that its signal has stopped
 * counts as one that never began: what was due is still due at the next start. Rejects if it cannot be noted.
 */
export async function notePlanRun(
  plan: HomePlan,
  occasion: PlanOccasion,
  tools: SchedulerTools,
): Promise<NotedRun> {
  const { records, clock } = tools;
  const { due: dueAt, reason, signal } = occasion;
  const before = await presentRecord(plan, tools);
  await records.change(plan.id, () => withBegunRun(before, { reason, dueAt }, clock.now()));
  return {
    carryOut: async () => {
      const end = await runToItsEnd(plan, occasion, tools);
      const isStopped = signal.aborted && end.outcome !== "succeeded";
      await noteEnd(plan, tools, (stored) =>
        isStopped
          ? { ...stored, lastRun: before.lastRun, lastSuccess: before.lastSuccess }
          : withEndedRun(stored, { outcome: end.outcome, message: end.message }, clock.now()),
      );
      return end;
    },
  };
}

async function runToItsEnd(
  plan: HomePlan,
  occasion: PlanOccasion,
  { runPlan }: SchedulerTools,
): Promise<PlanRunEnd> {
  if (occasion.signal.aborted) return { outcome: "cancelled" };
  try {
    return await runPlan(plan, occasion);
  } catch (error) {
    return { outcome: "failed", message: stepErrorOf(error).message };
  }
}

/** A plan that was removed meanwhile stays forgotten. What cannot be noted is found out by the next look. */
async function noteEnd(
  plan: HomePlan,
  { records, notice }: SchedulerTools,
  decide: (stored: PlanRecord) => PlanRecord,
): Promise<void> {
  try {
    await records.change(plan.id, (stored) => stored && decide(stored));
  } catch (error) {
    notice(`How plan ${plan.id} ended could not be noted: ${stepErrorOf(error).message}`);
  }
}
