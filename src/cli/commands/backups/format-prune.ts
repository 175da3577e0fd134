import { wordReason } from "#core/retention/word-reason.ts";
import type { RetentionReason } from "#core/retention/retention-reason.ts";
import type { DecidedCopy, PrunePlan } from "#jobs/prune/decide-prune.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { formatTable, printable } from "../../output/table.ts";

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

/** A prune for people: every backup, and why it goes or stays. */
export function formatPrune(
  { location, removed, kept, stop }: DescribedPrune,
  isDry: boolean,
): string {
  const rows = [
    ...removed.map((copy) => rowOf(copy, isDry ? "would go" : "removed")),
    ...kept.map((copy) => rowOf(copy, "kept")),
  ];
  const columns = ["SLUG", "DATE", "PLAN", "SIZE", "", "WHY"].map((title) => ({ title }));
  const bytes = removed.reduce((sum, { size }) => sum + size, 0);
  const sum = `${isDry ? "Would remove" : "Removed"} ${removed.length} of ${rows.length} backups at ${printable(location)}, ${formatBytes(bytes)}\n`;
  const stopped =
    stop === null
      ? ""
      : `A prune stops here until somebody agrees to it with: --confirm ${stop.token}\n`;
  return [rows.length === 0 ? "" : formatTable(columns, rows), sum, stopped].join("");
}

function rowOf({ slug, date, plan, size, reasons }: DescribedCopy, fate: string): string[] {
  const when = date === null ? "" : date.slice(0, 16).replace("T", " ");
  const why = reasons.map(({ text }) => text).join("; ");
  return [slug, when, plan ?? "", formatBytes(size), fate, why];
}
