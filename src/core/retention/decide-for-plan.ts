import type { CopyFacts } from "../model/copy.ts";
import { decideRetention, type RetentionDecision } from "./decide-retention.ts";
import type { RetentionRule } from "./retention-rule.ts";

/** Whose rule it is: that of one plan, or of backups that are made without a plan. */
export interface RuleOwner {
  readonly plan: string | undefined;
}

/**
 * Decides as `decideRetention` does, but only about the backups that the rule is for: a plan lets go what it
 * made itself, never what another plan or a person made. All others stay and take no place.
 * @param copies all of one location, in any order
 * @param now milliseconds since 1970
 */
export function decideForPlan(
  rule: RetentionRule,
  copies: readonly CopyFacts[],
  { now, plan }: RuleOwner & { readonly now: number },
): readonly RetentionDecision[] {
  return decideRetention(rule, copies, now).map((decision) => {
    const { copy, outcome } = decision;
    if (copy.plan === plan) return decision;
    const others = { kind: "left-alone", because: "other-plan" } as const;
    const known =
      outcome === "keep" ? decision.reasons.filter(({ kind }) => kind === "left-alone") : [];
    return { copy, outcome: "keep", reasons: [...known, others] };
  });
}
