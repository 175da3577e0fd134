import type { StepError } from "../model/run.ts";

/** How often a step is tried, and how long a run waits in between. Each pause is twice the one before. */
export interface RetryPolicy {
  /** All of them; 1 for no second one. */
  readonly attempts: number;
  readonly firstPauseInMs: number;
  readonly longestPauseInMs: number;
}

/**
 * Milliseconds until a step that failed is tried again; undefined if it is not. Only failures that pass by
 * themselves are worth it.
 * @param attempts how often it was tried
 * @param chance from 0 up to, but not including, 1: cuts the pause to between half and all of it, so that
 * those who failed together do not come back together
 */
export function pauseBeforeRetry(
  policy: RetryPolicy,
  { attempts, error }: { readonly attempts: number; readonly error: StepError },
  chance: number,
): number | undefined {
  if (error.problem !== "busy" && error.problem !== "unreachable") return undefined;
  if (attempts >= policy.attempts) return undefined;
  const doubled = policy.firstPauseInMs * 2 ** (attempts - 1);
  return (Math.min(doubled, policy.longestPauseInMs) * (1 + chance)) / 2;
}
