import { notesKey } from "#archive/backup-notes/seal.ts";
import type { CopyFacts, CopyVerification } from "#core/model/copy.ts";
import type { BackupAtLocation } from "#location/backup-at-location.ts";
import { knownNotes } from "../backup/verification-notes.ts";
import { isSameOrigin, originKey, parseOrigin, type BackupOrigin } from "../notes/origin.ts";

/**
 * What is known of an archive at a location, as far as retention asks. Whose it is stands in the archive
 * itself; the notes beside it can contradict that, which keeps it, and never claim it. Notes that are not
 * there, cannot be read or are not about this backup leave it unknown whether it is pinned, which keeps it too.
 * @param installation id of this installation
 */
export function copyFacts(backup: BackupAtLocation, installation: string): CopyFacts {
  const { facts, object, problems } = backup;
  const archived = facts === undefined ? undefined : originIn(facts.extra[notesKey]);
  const noted = originIn(backup.notes);
  return {
    // One whose slug cannot be read belongs to nobody known, so nothing is ever done by this name.
    slug: facts?.slug ?? object.key,
    date: facts === undefined ? undefined : readDate(facts.date),
    owner: ownerOf({ archived, noted }, installation),
    pinned:
      archived === undefined || noted === undefined || !isSameOrigin(archived, noted)
        ? undefined
        : pinIn(backup.notes),
    state: stateBy(problems),
    verification: verificationIn(backup.notes),
    plan: archived?.plan,
  };
}

/** What is still being written is not damaged yet. */
function stateBy(problems: BackupAtLocation["problems"]): CopyFacts["state"] {
  if (problems.length === 0) return "present";
  return problems.some(({ problem }) => problem === "busy") ? "sending" : "damaged";
}

interface Origins {
  readonly archived: BackupOrigin | undefined;
  readonly noted: BackupOrigin | undefined;
}

function ownerOf({ archived, noted }: Origins, installation: string): CopyFacts["owner"] {
  if (archived === undefined) return "unknown";
  if (archived.installation !== installation) return "other";
  return noted === undefined || isSameOrigin(archived, noted) ? "this" : "unknown";
}

function originIn(notes: unknown): BackupOrigin | undefined {
  return parseOrigin(fieldOf(notes, originKey));
}

/** Undefined if a pin is there that cannot be understood. */
function pinIn(notes: unknown): boolean | undefined {
  const pin = fieldOf(notes, "pin");
  if (pin === undefined) return false;
  const pinned = fieldOf(pin, "pinned");
  return typeof pinned === "boolean" ? pinned : undefined;
}

function verificationIn(notes: unknown): CopyVerification {
  switch (knownNotes(notes).verification?.verdict) {
    case "proven":
      return "proven";
    case "readable":
      return "readable";
    case "damaged":
    case "missing":
      return "failed";
    case "present":
    case undefined:
      return "unverified";
  }
}

function readDate(text: string): number | undefined {
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : date;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}
