import type { VerifyReport } from "#archive/verify/verify-report.ts";
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

/** Keeps the outcome of a verification with the backup. */
export async function rememberVerification(
  location: ArchiveLocation,
  { slug, verdict, level }: VerifyReport,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const notes = await readBackupNotes(location, slug, signal);
  const verification: VerificationNotes = { verdict, level, at: new Date(clock.now()).toISOString() };
  await location.writeNotes(slug, { ...notes, verification }, signal);
}

/** Notes on a backup; empty if there are none. */
export async function readBackupNotes(
  location: ArchiveLocation,
  slug: string,
  signal: AbortSignal,
): Promise<BackupNotes> {
  const notes = await location.readNotes(slug, signal);
  return typeof notes === "object" && notes !== null ? (notes as BackupNotes) : {};
}
