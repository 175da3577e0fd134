import type { PlanRecord } from "#core/model/plan-record.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";
import { recordFromBackup, recordOf, withEndedRun } from "#core/plan/plan-record.ts";
import { stepErrorOf } from "../runs/step-error.ts";
import type { SchedulerTools } from "./scheduler-tools.ts";

type Tools = Pick<SchedulerTools, "records" | "clock" | "lastBackupOf" | "notice">;

/**
 * The record of a plan that does not run now, true to what can be known. A record that was lost is made anew
 * from the plan's last backup. A run whose process died has succeeded if its backup is there; else it has
 * failed now, so that a machine that dies of a backup is given a pause before the next try.
 */
export async function presentRecord(plan: HomePlan, tools: Tools): Promise<PlanRecord> {
  const { records, clock } = tools;
  const stored = await records.read(plan.id);
  const now = clock.now();
  if (stored !== undefined && stored.lastRun?.state !== "running") {
    const present = recordOf(plan, stored, now);
    if (present !== stored) await records.change(plan.id, () => present);
    return present;
  }
  const lastBackup = await findLastBackup(plan, tools);
  const present =
    stored === undefined
      ? recordFromBackup(plan, lastBackup, now)
      : afterDeath(recordOf(plan, stored, now), lastBackup, now);
  await records.change(plan.id, () => present);
  return present;
}

function afterDeath(record: PlanRecord, lastBackup: number | undefined, now: number): PlanRecord {
  const startedAt = record.lastRun?.startedAt ?? now;
  const isMade = lastBackup !== undefined && lastBackup >= startedAt;
  return isMade
    ? withEndedRun(record, { outcome: "succeeded", message: undefined }, now)
    : withEndedRun(record, { outcome: "failed", message: "The run was interrupted" }, now);
}

async function findLastBackup(
  plan: HomePlan,
  { lastBackupOf, notice }: Tools,
): Promise<number | undefined> {
  try {
    return await lastBackupOf(plan);
  } catch (error) {
    const { message } = stepErrorOf(error);
    notice(`When plan ${plan.id} last made a backup could not be found out: ${message}`);
    return undefined;
  }
}
