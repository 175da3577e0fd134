import type { RetentionDecision } from "./decide-retention.ts";

export interface PruneLimits {
  /** So many backups may go at once, at least 1. */
  readonly atMost: number;
  /** What a person agreed to: the `confirmation` of a stop that they were shown. */
  readonly confirmed?: string | undefined;
}

/** Why a prune needs a person's word. */
export interface PruneStop {
  readonly because: readonly ("more-than-half" | "too-many")[];
  /** Backups that would go. */
  readonly going: number;
  /** Backups that the rule may touch: own ones that are there and not pinned. */
  readonly touchable: number;
  /** The slugs that would go, sorted, with a blank between them. Holds for this prune and no other. */
  readonly confirmation: string;
}

/**
 * Stops a prune that nobody may have meant: one that would remove more than `atMost` backups at once, or
 * more than half of those of one plan. Undefined: it may go ahead. One that goes because a new one came
 * is never stopped, not even if they are the only two.
 *
 * @param decisions on all copies of a location
 */
export function brakePrune(
  decisions: readonly RetentionDecision[],
  { atMost, confirmed }: PruneLimits,
): PruneStop | undefined {
  if (!Number.isInteger(atMost) || atMost < 1)
    throw new RangeError(`A prune of ${atMost} backups at most is none`);
  const touchable = decisions.filter(({ reasons }) =>
    reasons.every(({ kind }) => kind !== "left-alone"),
  );
  const going = touchable.filter(isGoing);
  const plans = Map.groupBy(touchable, ({ copy }) => copy.plan).values();
  const because = [
    ...(plans.some(losesMoreThanHalf) ? (["more-than-half"] as const) : []),
    ...(going.length > atMost ? (["too-many"] as const) : []),
  ];
  const confirmation = going
    .map(({ copy }) => copy.slug)
    .toSorted()
    .join(" ");
  if (because.length === 0 || confirmation === confirmed) return undefined;
  return { because, going: going.length, touchable: touchable.length, confirmation };
}

function losesMoreThanHalf(decisions: readonly RetentionDecision[]): boolean {
  return decisions.filter(isGoing).length * 2 > decisions.length;
}

function isGoing({ outcome }: RetentionDecision): boolean {
  return outcome === "remove";
}
