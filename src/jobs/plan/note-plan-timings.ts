import { recordOf } from "#core/plan/plan-record.ts";
import type { HomePlans } from "./home-plans.ts";

/** Notes since when plans are as they are, where others than the store have written them. */
export async function notePlanTimings({ store, records }: HomePlans, now: number): Promise<void> {
  for (const { plan } of (await store.read()).plans)
    await records.change(plan.id, (stored) => recordOf(plan, stored, now));
}
