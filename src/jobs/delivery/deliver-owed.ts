import type { OwedCopy } from "#core/delivery/owed-copies.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";
import { rulesOfPlan } from "../prune/rules-of-plan.ts";
import { enqueueRun } from "../runs/enqueue-run.ts";
import { backupAt } from "./backup-at.ts";
import { carryOutCopies, type CopyResult, type CopyTools } from "./carry-out-copies.ts";

/**
 * Delivers a backup of a plan to a location that it did not come to when it was made: as a run of the plan that makes
 * nothing, with its verification and its rule there. Rejects as `carryOutCopies`.
 */
export async function deliverOwed(
  { slug, from, to }: OwedCopy,
  plan: HomePlan,
  tools: CopyTools,
): Promise<CopyResult> {
  const backup = await backupAt(slug, from, tools);
  const rules = new Map([...rulesOfPlan(plan)].filter(([location]) => location === to));
  const run = await enqueueRun(
    {
      trigger: { kind: "plan", plan: plan.id },
      makeAt: undefined,
      backup,
      deliverTo: [to],
      verify: plan.verify,
      pruneAt: [...rules.keys()],
      queue: true,
    },
    tools.runs,
  );
  tools.begun?.(run);
  return carryOutCopies(run, { backup, sources: from, rules }, tools);
}
