import type { PruneScope } from "#jobs/prune/decide-prune.ts";

/** The backups of one plan, or those of every plan by themselves. */
export function scopeOf(plan: string | undefined): PruneScope {
  return plan === undefined ? "every plan" : { plan };
}
