import type { SafehouseError } from "#core/model/problem.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";

/** A plan as a person writes it (docs/plans.md): JSON, with only those fields that are stated. */
export type PlanDocument = Readonly<Record<string, unknown>>;

/** A plan and how it is written. */
export interface StoredPlan {
  readonly plan: HomePlan;
  readonly document: PlanDocument;
}

/** What lies among the plans and is none. It never runs, and stays as it is until somebody mends or removes it. */
export interface DamagedPlan {
  /** Its own id, or its place in the list, such as `#3`. */
  readonly id: string;
  /** As far as it is written as one. */
  readonly document: PlanDocument;
  /** Why it cannot be read. */
  readonly error: SafehouseError;
}

export interface StoredPlans {
  /** In the order in which they were made. */
  readonly plans: readonly StoredPlan[];
  readonly damaged: readonly DamagedPlan[];
}

/**
 * Keeps the plans of one home. Every method rejects with `damaged` and `unknown-version` where the settings
 * cannot be read. A change excludes every other one, in this process and in others, and happens wholly or
 * not at all; nothing that is damaged is ever lost by it.
 */
export interface PlanStore {
  read(): Promise<StoredPlans>;
  /** Rejects with `usage` for what is no plan, and `already-exists` for an id that is taken. */
  add(document: PlanDocument): Promise<StoredPlan>;
  /**
   * Writes a plan anew, also one that is damaged. Rejects with `not-found`, and with `usage` for what is no
   * plan or has another id.
   * @param decide gets the plan as it is written; may be called again, so it has no effects
   */
  change(id: string, decide: (document: PlanDocument) => PlanDocument): Promise<StoredPlan>;
  /** Forgets a plan, also one that is damaged; its backups stay. Rejects with `not-found`. */
  remove(id: string): Promise<void>;
}
