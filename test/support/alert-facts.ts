import type { AlertFacts, PlanCopyFacts } from "#core/alerts/alert-facts.ts";

export const hour = 3_600_000;
export const day = 24 * hour;
export const someTime = Date.UTC(2026, 10, 22, 3);

export const someError = {
  problem: "unreachable",
  message: "/mnt/nas does not answer",
  advice: "Switch it on",
} as const;

/** Everything is known, and nothing is wrong. */
export const allWell: AlertFacts = {
  plans: [],
  copies: [],
  uncovered: { parts: [], database: false },
  key: null,
  stoppedPrunes: [],
  damaged: [],
  arrivals: [],
  unreadable: [],
  openRuns: [],
};

/** A location of the plan `nightly` that got its last copy at `someTime` and is to get one every two days. */
export function copyFacts(facts: Partial<PlanCopyFacts> = {}): PlanCopyFacts {
  return {
    plan: "nightly",
    planName: "Nightly",
    location: "nas",
    locationName: "the NAS",
    failures: 0,
    error: undefined,
    pruneError: undefined,
    lastGood: someTime,
    since: someTime - 100 * day,
    longestAgeInMs: 2 * day,
    ...facts,
  };
}
