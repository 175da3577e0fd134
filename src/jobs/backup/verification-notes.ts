import { verifyLevels, type VerifyReport } from "#archive/verify/verify-report.ts";
import type { Clock } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { changeNotes } from "../notes/change-notes.ts";
import { parsePersonNote, type PersonNote } from "../notes/person-note.ts";
import { parsePin, type PinNote } from "../notes/pin-note.ts";

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
  readonly pin?: PinNote;
  readonly note?: PersonNote;
  readonly [key: string]: unknown;
}

/**
 * Keeps the outcome of a verification with the backup. A look at its headers that found nothing wrong
 * says less than what may be known already, and is not kept.
 */
export async function rememberVerification(
  location: ArchiveLocation,
  { slug, verdict, level }: VerifyReport,
  { clock, isNew, signal }: RememberOptions,
): Promise<void> {
  if (verdict === "present") return;
  const verification: VerificationNotes = {
    verdict,
    level,
    at: new Date(clock.now()).toISOString(),
  };
  await changeNotes(location, slug, { change: { verification }, isNew: isNew === true, signal });
}

export interface RememberOptions {
  readonly clock: Clock;
  /** The archive was made just now. */
  readonly isNew?: boolean;
  readonly signal: AbortSignal;
}

/** What is understood of notes; empty if they are none. */
export function knownNotes(notes: unknown): BackupNotes {
  const isObject = typeof notes === "object" && notes !== null && !Array.isArray(notes);
  return isObject ? withoutNonsense({ ...notes }) : {};
}

/** Anybody who can write at the location can have written them. */
function withoutNonsense({
  verification,
  pin: storedPin,
  note: storedNote,
  ...unknown
}: Record<string, unknown>): BackupNotes {
  const pin = parsePin(storedPin);
  const note = parsePersonNote(storedNote);
  const others = {
    ...unknown,
    ...(pin === undefined ? {} : { pin }),
    ...(note === undefined ? {} : { note }),
  };
  if (typeof verification !== "object" || verification === null) return others;
  const { verdict, level, at } = verification as Partial<Record<keyof VerificationNotes, unknown>>;
  const knownVerdict = verdicts.find((known) => known === verdict);
  const knownLevel = verifyLevels.find((known) => known === level);
  if (knownVerdict === undefined || knownLevel === undefined || typeof at !== "string")
    return others;
  return { ...others, verification: { verdict: knownVerdict, level: knownLevel, at } };
}

const verdicts = ["proven", "readable", "present", "damaged", "missing"] as const;
