import type { CopyFacts } from "../model/copy.ts";
import { decideRetention } from "./decide-retention.ts";
import type { RetentionDecision } from "./decide-retention.ts";
import type { RetentionRule } from "./retention-rule.ts";

/** The runs that a preview looks ahead to. */
export interface RunsAhead {
  readonly now: number;
  /** When they make a backup, in milliseconds since 1970; each after `now` and after the one before it. */
  readonly dates: readonly number[];
  /** Id of the plan that runs; undefined for backups that are made without one. */
  readonly plan: string | undefined;
}

export interface PreviewStep {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The copy that the run makes, which `decisions` speak of too; undefined in the first step. */
  readonly made: CopyFacts | undefined;
  /** On everything that is there at that time. What is to be removed is gone in the next step. */
  readonly decisions: readonly RetentionDecision[];
}

/**
 * What is there and what goes, run by run: first now, then after each run, as if every run made a good
 * copy and every prune went through. Copies to come have a slug that no backup can have: `run 1`, `run 2`…
 */
export function previewRetention(
  rule: RetentionRule,
  copies: readonly CopyFacts[],
  { now, dates, plan }: RunsAhead,
): readonly PreviewStep[] {
  const steps: PreviewStep[] = [step(rule, copies, { at: now, made: undefined })];
  for (const [index, at] of dates.entries()) {
    const before = steps[index];
    if (before === undefined || at <= before.at)
      throw new RangeError(`A run at ${at} does not follow what is before it`);
    const made = copyToCome(at, { plan, slug: `run ${index + 1}` });
    steps.push(step(rule, [...keptCopies(before), made], { at, made }));
  }
  return steps;
}

function step(
  rule: RetentionRule,
  copies: readonly CopyFacts[],
  { at, made }: Pick<PreviewStep, "at" | "made">,
): PreviewStep {
  return { at, made, decisions: decideRetention(rule, copies, at) };
}

function keptCopies({ decisions }: PreviewStep): CopyFacts[] {
  return decisions.filter(({ outcome }) => outcome === "keep").map(({ copy }) => copy);
}

function copyToCome(date: number, { plan, slug }: Pick<CopyFacts, "plan" | "slug">): CopyFacts {
  return {
    slug,
    date,
    owner: "this",
    pinned: false,
    state: "present",
    verification: "proven",
    plan,
  };
}
