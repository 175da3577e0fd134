import type { Run } from "../model/run.ts";
import { hasEnded } from "./run-state.ts";

/**
 * True for a run that another process can go on with, now that its own is dead: the backup is there, and all that is
 * left is to deliver it, read it back and prune by a plan's rule. What else a run was to do, the journal does not
 * know.
 */
export function canGoOn({ ended, cancelAsked, backup, trigger, steps }: Run): boolean {
  if (ended !== undefined || cancelAsked !== undefined || backup === undefined) return false;
  if (!steps.some(({ kind }) => kind === "make" || kind === "deliver")) return false;
  const isOfPlan = trigger.kind === "plan";
  return steps
    .filter((step) => !hasEnded(step))
    .every(({ kind }) => kind === "deliver" || kind === "verify" || (kind === "prune" && isOfPlan));
}
