import { SafehouseError } from "#core/model/problem.ts";
import type { ReportProgress } from "#core/ports.ts";
import { wordReason } from "#core/retention/word-reason.ts";
import {
  decidePrune,
  mostAtOnce,
  type DecidedCopy,
  type PrunePlan,
  type PruneQuestion,
} from "./decide-prune.ts";

export interface PruneOrder extends PruneQuestion {
  /** The token of a stop that a person has seen and agreed to. */
  readonly confirmed: string | undefined;
  readonly report: ReportProgress;
  /** Keeps a line for people. */
  readonly log: (text: string) => void;
}

export interface PruneReport {
  /** What was removed, oldest first. */
  readonly removed: readonly DecidedCopy[];
  /** What is left, newest first, and why. */
  readonly kept: readonly DecidedCopy[];
}

/**
 * Applies a rule at a location: removes what it lets go, the oldest first. Each is decided about again from
 * what is there immediately before it goes, so that a pin that was set meanwhile holds, and two prunes at once
 * remove no more than one. Rejects with `confirmation-needed` before anything is removed if the brake stops
 * it, and as the place does; then what had gone before is gone, and the next prune does the rest.
 */
export async function pruneLocation(order: PruneOrder): Promise<PruneReport> {
  const { location, report, log, signal } = order;
  const plan = await decidePrune(order);
  refuseStopped(plan, order);
  const going = plan.decisions.filter(isGoing).toReversed();
  const totalBytes = going.reduce((sum, { backup }) => sum + backup.object.size, 0);
  const removed: DecidedCopy[] = [];
  const left = new Map(plan.decisions.map((decided) => [fileOf(decided), decided]));
  let bytes = 0;
  for (const file of going.map(fileOf)) {
    signal.throwIfAborted();
    const decided = (await decidePrune(order)).decisions.find((now) => fileOf(now) === file);
    left.delete(file);
    if (decided === undefined) continue;
    const reasons = decided.reasons.map(wordReason).join("; ");
    if (!isGoing(decided)) {
      left.set(file, decided);
      log(`${decided.copy.slug} stays after all: ${reasons}`);
      continue;
    }
    await location.removeFound(decided.backup, signal);
    log(`Removed ${decided.copy.slug}: ${reasons}`);
    removed.push(decided);
    bytes += decided.backup.object.size;
    report({ step: "prune", part: decided.copy.slug, bytes, totalBytes });
  }
  await location.tidy(undefined, signal);
  const kept = plan.decisions.flatMap((one) => left.get(fileOf(one)) ?? []);
  return { removed, kept };
}

/** Names an archive at a location without doubt. */
function fileOf({ backup }: DecidedCopy): string {
  return backup.object.key;
}

function isGoing({ outcome }: DecidedCopy): boolean {
  return outcome === "remove";
}

/** A name and a blank; a line of a log has at most 500 characters. */
const slugsInLine = 50;

function refuseStopped({ decisions, stop }: PrunePlan, order: PruneOrder): void {
  if (stop === undefined || stop.token === order.confirmed) return;
  const { location, log } = order;
  const slugs = decisions.filter(isGoing).map(({ copy }) => copy.slug);
  for (let at = 0; at < slugs.length; at += slugsInLine)
    log(`Would remove ${slugs.slice(at, at + slugsInLine).join(" ")}`);
  const { going, touchable, because, token } = stop;
  const why = because.map((reason) => reasonsToStop[reason]).join(" and ");
  throw new SafehouseError(
    "confirmation-needed",
    `${going} of ${touchable} backups at ${location.id} would be removed, which is ${why}; nothing was`,
    {
      subject: location.id,
      advice: `Look at them with: safehouse backups prune --dry-run; agree to just these with --confirm ${token}`,
      facts: { going, touchable, token, slugs: slugs.join(" ") },
    },
  );
}

const reasonsToStop = {
  "more-than-half": "more than half of those of a plan",
  "too-many": `more than ${mostAtOnce} at once`,
} as const;
