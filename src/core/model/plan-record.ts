/** What is remembered of a plan from run to run. Times are milliseconds since 1970. */
export interface PlanRecord {
  /** When the plan was made or enabled, or got its schedule: what was due before has not been missed. */
  readonly since: number;
  /** What of the plan `since` holds for (`timingOf`). */
  readonly timing: string;
  /** Undefined if none is known. */
  readonly lastRun: PlanRun | undefined;
  /** When the last run that succeeded began; undefined if none is known. */
  readonly lastSuccess: number | undefined;
}

/** One run of a plan. */
export interface PlanRun {
  readonly state: "running" | PlanOutcome;
  readonly reason: RunReason;
  /** The moment for which it ran. */
  readonly dueAt: number;
  readonly startedAt: number;
  /** Undefined while it runs. */
  readonly endedAt: number | undefined;
  /** How many runs in a row have failed until now, this one included. */
  readonly failures: number;
  /** What went wrong, as a sentence; undefined if nothing did. */
  readonly message: string | undefined;
}

/** `failed`: no good backup was made. A run that only did not reach every location has succeeded. */
export type PlanOutcome = "succeeded" | "failed" | "cancelled";

/** Why a plan runs. `missed`: it is made up for. `asked`: somebody wants it now. */
export type RunReason = "scheduled" | "missed" | "retry" | "asked";
