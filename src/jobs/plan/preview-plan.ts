import type { CopyFacts } from "#core/model/copy.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";
import { previewRetention, type PreviewStep } from "#core/retention/preview-retention.ts";
import type { RetentionRule } from "#core/retention/retention-rule.ts";
import { nameOfNextBackup, type NameSurroundings } from "./name-of-next-backup.ts";

/** What the coming runs of a plan make, and what its locations keep of it. */
export interface PlanPreview {
  /** Run 1 is the first of them. Times are milliseconds since 1970. */
  readonly runs: readonly { readonly at: number; readonly name: string }[];
  readonly locations: readonly LocationPreview[];
}

export interface LocationPreview {
  readonly location: string;
  /** Undefined: everything is kept. */
  readonly rule: RetentionRule | undefined;
  /** First now, then after each run; empty without a rule. */
  readonly steps: readonly PreviewStep[];
}

export interface PreviewSurroundings extends Omit<NameSurroundings, "now"> {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** When the runs make their backups, each after `now` and after the one before it. */
  readonly dates: readonly number[];
  /** What lies at each location now, by its id; a location that is not there counts as empty. */
  readonly copies: ReadonlyMap<string, readonly CopyFacts[]>;
}

/** Looks ahead as if every run made a good backup and reached every location. */
export function previewPlan(plan: HomePlan, surroundings: PreviewSurroundings): PlanPreview {
  const { now, dates, copies } = surroundings;
  const ahead = { now, dates, plan: plan.id };
  return {
    runs: dates.map((at) => ({
      at,
      name: nameOfNextBackup(plan, { ...surroundings, now: at }),
    })),
    locations: plan.locations.map(({ location, retention: rule }) => ({
      location,
      rule,
      steps: rule === undefined ? [] : previewRetention(rule, copies.get(location) ?? [], ahead),
    })),
  };
}
