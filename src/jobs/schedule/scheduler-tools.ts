import type { PlanOutcome, RunReason } from "#core/model/plan-record.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";
import type { Clock } from "#core/ports.ts";
import type { PlanRecords } from "../plan-records-port.ts";
import type { PlanStore } from "../plan-store-port.ts";
import type { StartTimer } from "../runs/run-tools.ts";

/** What a scheduler works with. */
export interface SchedulerTools {
  readonly plans: PlanStore;
  readonly records: PlanRecords;
  /** Id of the installation. */
  readonly installation: string;
  readonly clock: Clock;
  readonly startTimer: StartTimer;
  readonly runPlan: RunPlan;
  readonly lastBackupOf: LastBackupOf;
  /** Receives a sentence about something that a person should know and that stops nothing. */
  readonly notice: (sentence: string) => void;
}

/**
 * Carries one run of a plan out, to its end. Several plans may be asked for at once: who makes first is
 * decided where it runs. A rejection counts as `failed`.
 */
export type RunPlan = (plan: HomePlan, occasion: PlanOccasion) => Promise<PlanRunEnd>;

export interface PlanOccasion {
  /** The moment for which it runs, in milliseconds since 1970. */
  readonly due: number;
  readonly reason: RunReason;
  /** Cancels the run, because the scheduler stops. */
  readonly signal: AbortSignal;
}

export interface PlanRunEnd {
  readonly outcome: PlanOutcome;
  /** What went wrong, as a sentence. */
  readonly message?: string;
}

/**
 * When the newest backup of a plan was begun, as the catalogue or the locations know it, in milliseconds
 * since 1970; undefined if there is none. Answers in bounded time, and is asked only where the records of
 * runs have a gap.
 */
export type LastBackupOf = (plan: HomePlan) => Promise<number | undefined>;
