import type { StepKind } from "#core/model/run.ts";
import type { RetryPolicy } from "#core/run/retry-policy.ts";

/** How often a step of each kind is tried. */
export type RetryPolicies = (kind: StepKind) => RetryPolicy;

const once: RetryPolicy = { attempts: 1, firstPauseInMs: 0, longestPauseInMs: 0 };
/** Some minutes in all, so that the next run of a plan need not wait: a server catches up with the rest (`owedCopies`). */
const patiently: RetryPolicy = {
  attempts: 4,
  firstPauseInMs: 30_000,
  longestPauseInMs: 2 * 60_000,
};

/** Nothing is tried again: somebody waits for the outcome. */
export const retryOnce: RetryPolicies = () => once;

/**
 * Deliveries, verifications and prunes are tried again after growing pauses. Making is tried again only if
 * that is wanted: what it makes is later than it was to be.
 */
export function retryPatiently({ make }: { readonly make: boolean }): RetryPolicies {
  return (kind) => (kind === "make" && !make ? once : patiently);
}
