import { brakePrune, type PruneStop } from "#core/retention/brake-prune.ts";
import { decideForPlan } from "#core/retention/decide-for-plan.ts";
import { decideRetention, type RetentionDecision } from "#core/retention/decide-retention.ts";
import type { RetentionRule } from "#core/retention/retention-rule.ts";
import type { Clock } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { BackupAtLocation } from "#location/backup-at-location.ts";
import { copyFacts } from "./copy-facts.ts";
import { pruneConfirmation } from "./prune-confirmation.ts";

/**
 * Which backups a rule is about: those of one plan, or with `plan` undefined those that were made without
 * one; or those of every plan, each plan's by themselves.
 */
export type PruneScope = "every plan" | { readonly plan: string | undefined };

export interface PruneQuestion {
  readonly location: ArchiveLocation;
  readonly rule: RetentionRule;
  readonly scope: PruneScope;
  /** Id of this installation: only its own backups are touched. */
  readonly installation: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What would go and stay, newest first. */
export interface PrunePlan {
  readonly decisions: readonly DecidedCopy[];
  /** What a prune would be stopped for unless a person agrees; undefined if for nothing. */
  readonly stop: (PruneStop & { readonly token: string }) | undefined;
}

export interface DecidedCopy extends RetentionDecision {
  readonly backup: BackupAtLocation;
}

/** More than so many at once need a person's word. */
export const mostAtOnce = 10;

/** Decides what a rule lets go at a location, from what is there and noted there at this moment. */
export async function decidePrune(question: PruneQuestion): Promise<PrunePlan> {
  const { location, rule, scope, installation, clock, signal } = question;
  const { backups } = await location.list(signal);
  const found = new Map(backups.map((backup) => [copyFacts(backup, installation), backup]));
  const copies = [...found.keys()];
  const now = clock.now();
  const decided =
    scope === "every plan"
      ? decideRetention(rule, copies, now)
      : decideForPlan(rule, copies, { now, plan: scope.plan });
  const decisions = decided.flatMap((decision) => {
    const backup = found.get(decision.copy);
    return backup === undefined ? [] : [{ ...decision, backup }];
  });
  const stop = brakePrune(decisions, { atMost: mostAtOnce });
  return { decisions, stop: stop && { ...stop, token: pruneConfirmation(location.id, stop) } };
}
