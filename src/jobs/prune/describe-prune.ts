import { wordReason } from "#core/retention/word-reason.ts";
import type { RetentionReason } from "#core/retention/retention-reason.ts";
import type { DecidedCopy, PrunePlan } from "./decide-prune.ts";

/** A prune as `--json` shows it. */
export interface DescribedPrune {
  readonly location: string;
  /** What goes, or went. */
  readonly removed: readonly DescribedCopy[];
  readonly kept: readonly DescribedCopy[];
  readonly stop: DescribedStop | null;
}

type DescribedStop = Omit<NonNullable<PrunePlan["stop"]>, "confirmation">;

interface DescribedCopy {
  readonly slug: string;
  readonly file: string;
  readonly size: number;
  /** ISO date-time. */
  readonly date: string | null;
  readonly plan: string | null;
  readonly reasons: readonly (RetentionReason & { readonly text: string })[];
}

/** What a prune removes or keeps at a location, and what stops it. */
export function describePrune(location: string, { going, kept, stop }: FoundPrune): DescribedPrune {
  return {
    location,
    removed: going.map(describeCopy),
    kept: kept.map(describeCopy),
    stop: stop === undefined ? null : describeStop(stop),
  };
}

function describeStop({ because, going, touchable, token }: DescribedStop): DescribedStop {
  return { because, going, touchable, token };
}

interface FoundPrune {
  readonly going: readonly DecidedCopy[];
  readonly kept: readonly DecidedCopy[];
  readonly stop: PrunePlan["stop"];
}

function describeCopy({ copy, backup, reasons }: DecidedCopy): DescribedCopy {
  const { slug, date, plan } = copy;
  return {
    slug,
    file: backup.object.key,
    size: backup.object.size,
    date: date === undefined ? null : new Date(date).toISOString(),
    plan: plan ?? null,
    reasons: reasons.map((reason) => ({ ...reason, text: wordReason(reason) })),
  };
}
