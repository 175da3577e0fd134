import type { PlanRecord } from "#core/model/plan-record.ts";

/**
 * What is remembered of the plans of one home from run to run, over restarts. It may be lost: whoever
 * needs it finds its essence again in the backups (`recordFromBackup`).
 */
export interface PlanRecords {
  /** Undefined if nothing is remembered of that plan. */
  read(plan: string): Promise<PlanRecord | undefined>;
  /**
   * Decides about the record of a plan and keeps what comes out, as one step that excludes every other
   * change. Undefined is forgotten. Nothing changes if the decision throws; it may be asked for again.
   */
  change(
    plan: string,
    decide: (stored: PlanRecord | undefined) => PlanRecord | undefined,
  ): Promise<void>;
}
