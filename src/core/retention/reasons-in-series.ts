import type { CopyFacts } from "../model/copy.ts";
import { placeCopies } from "./place-copies.ts";
import type { DatedCopy } from "./place-copies.ts";
import type { RetentionReason } from "./retention-reason.ts";
import { statesAnything } from "./retention-rule.ts";
import type { RetentionRule } from "./retention-rule.ts";

/**
 * Every reason, for and against, that a rule has about the copies of one plan at one location.
 * @param series those that the rule may touch, newest first
 */
export function reasonsInSeries(
  rule: RetentionRule,
  series: readonly DatedCopy[],
): ReadonlyMap<CopyFacts, readonly RetentionReason[]> {
  if (!statesAnything(rule)) return new Map(series.map(({ copy }) => [copy, [noLimit]]));
  const good = series.filter(({ copy }) => isGood(copy));
  const sound = series.filter(({ copy }) => !isBad(copy));
  const placings = {
    good: placeCopies(rule, good),
    unverified: placeCopies(rule, sound),
    bad: placeCopies(rule, series),
  };
  const guards = guardsOf(series.map(({ copy }) => copy));
  return new Map(
    series.map(({ copy }) => [
      copy,
      [...(guards.get(copy) ?? []), ...(placings[qualityOf(copy)].get(copy) ?? [])],
    ]),
  );
}

const noLimit: RetentionReason = { kind: "no-limit" };

/** What keeps a copy whatever the rule states. */
function guardsOf(
  copies: readonly CopyFacts[],
): ReadonlyMap<CopyFacts, readonly RetentionReason[]> {
  const guards = new Map<CopyFacts, readonly RetentionReason[]>();
  const good = copies.find(isGood);
  const older = good === undefined ? copies.length : copies.indexOf(good);
  for (const copy of copies.slice(0, older).filter(isBad))
    guards.set(copy, [{ kind: "nothing-better" }]);
  // The last to be set is the strongest: often all three are one copy.
  const newest = {
    all: copies.find((copy) => !isBad(copy)),
    good,
    proven: copies.find((copy) => isGood(copy) && copy.verification === "proven"),
  };
  for (const among of ["all", "good", "proven"] as const) {
    const copy = newest[among];
    if (copy !== undefined) guards.set(copy, [{ kind: "newest", among }]);
  }
  return guards;
}

type Quality = "good" | "unverified" | "bad";

function qualityOf({ state, verification }: CopyFacts): Quality {
  if (state === "damaged" || verification === "failed") return "bad";
  return verification === "proven" || verification === "readable" ? "good" : "unverified";
}

function isGood(copy: CopyFacts): boolean {
  return qualityOf(copy) === "good";
}

function isBad(copy: CopyFacts): boolean {
  return qualityOf(copy) === "bad";
}
