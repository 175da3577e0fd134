import { verifyLevels, type VerifyReport } from "#archive/verify/verify-report.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Clock } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";

/** What is remembered about the last verification of a backup, beside it at its location. */
export interface VerificationNotes {
  readonly verdict: VerifyReport["verdict"];
  readonly level: VerifyReport["level"];
  /** ISO date-time. */
  readonly at: string;
}

/** Notes on a backup as they lie in `.safehouse/<slug>.json`. Unknown keys are kept. */
export interface BackupNotes {
  readonly verification?: VerificationNotes;
  readonly [key: string]: unknown;
}

/**
 * Keeps the outcome of a verification with the backup. A look at its headers that found nothing wrong
 * says less than what may be known already, and is not kept.
 */
export async function rememberVerification(
  location: ArchiveLocation,
  { slug, verdict, level }: VerifyReport,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  if (verdict === "present") return;
  const notes = await readBackupNotes(location, slug, signal);
  const verification: VerificationNotes = {
    verdict,
    level,
    at: new Date(clock.now()).toISOString(),
  };
  await location.writeNotes(slug, { ...notes, verification }, signal);
}

/** Notes on a backup; empty if there are none, or none that can be read: they are worth no more than a guess. */
export async function readBackupNotes(
  location: ArchiveLocation,
  slug: string,
  signal: AbortSignal,
): Promise<BackupNotes> {
  try {
    return knownNotes(await location.readNotes(slug, signal));
  } catch (error) {
    if (error instanceof SafehouseError && error.problem === "damaged") return {};
    throw error;
  }
}

/** What is understood of notes; empty if they are none. */
export function knownNotes(notes: unknown): BackupNotes {
  const isObject = typeof notes === "object" && notes !== null && !Array.isArray(notes);
  return isObject ? withoutNonsense({ ...notes }) : {};
}

/** Anybody who can write at the location can have written them. */
function withoutNonsense({ verification, ...others }: Record<string, unknown>): BackupNotes {
  if (typeof verification !== "object" || verification === null) return others;
  const { verdict, level, at } = verification as Partial<Record<keyof VerificationNotes, unknown>>;
  const knownVerdict = verdicts.find((known) => known === verdict);
  const knownLevel = verifyLevels.find((known) => known === level);
  if (knownVerdict === undefined || knownLevel === undefined || typeof at !== "string")
    return others;
  return { ...others, verification: { verdict: knownVerdict, level: knownLevel, at } };
}

const verdicts = ["proven", "readable", "present", "damaged", "missing"] as const;
