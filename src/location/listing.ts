import type { BackupAtLocation, LocationListing, OtherFile } from "./backup-at-location.ts";
import { slugOfNotes } from "./backup-files.ts";
import type { CatalogueEntry } from "./catalogue-port.ts";

/** An object and what it is. */
type KnownObject = Pick<CatalogueEntry, "object" | "inspection">;

/** Sorts out what was found at a location. */
export function listingOf(location: string, found: readonly KnownObject[]): LocationListing {
  const keysOfSlug = groupKeysBySlug(found);
  const notesOfSlug = notesBySlug(found);
  const backups: BackupAtLocation[] = [];
  const others: OtherFile[] = [];
  for (const { object, inspection } of found) {
    if (inspection.kind === "notes") continue;
    if (inspection.kind === "other") {
      others.push({ object, reason: inspection.reason });
      continue;
    }
    const facts = inspection.kind === "archive" ? inspection.facts : undefined;
    const problems =
      inspection.kind === "archive" ? inspection.facts.problems : [inspection.reason];
    const keys = facts === undefined ? [] : (keysOfSlug.get(facts.slug) ?? []);
    const sameSlug = keys.length < 2 ? [] : keys.filter((key) => key !== object.key);
    const notes = facts === undefined ? undefined : notesOfSlug.get(facts.slug);
    backups.push({ location, object, facts, problems, notes, sameSlug });
  }
  return { backups: newestFirst(backups), others };
}

function notesBySlug(found: readonly KnownObject[]): ReadonlyMap<string, unknown> {
  const notes = new Map<string, unknown>();
  for (const { object, inspection } of found) {
    const slug = inspection.kind === "notes" ? slugOfNotes(object.key) : undefined;
    if (slug !== undefined && inspection.kind === "notes") notes.set(slug, inspection.notes);
  }
  return notes;
}

function groupKeysBySlug(found: readonly KnownObject[]): ReadonlyMap<string, string[]> {
  const keysOfSlug = new Map<string, string[]>();
  for (const { object, inspection } of found) {
    if (inspection.kind !== "archive") continue;
    const keys = keysOfSlug.get(inspection.facts.slug);
    if (keys === undefined) keysOfSlug.set(inspection.facts.slug, [object.key]);
    else keys.push(object.key);
  }
  return keysOfSlug;
}

function newestFirst(backups: readonly BackupAtLocation[]): readonly BackupAtLocation[] {
  return backups
    .map((backup) => ({ backup, time: timeOf(backup) }))
    .toSorted((a, b) => b.time - a.time || compareKeys(a.backup, b.backup))
    .map(({ backup }) => backup);
}

function timeOf({ facts, object }: BackupAtLocation): number {
  const time = facts === undefined ? Number.NaN : Date.parse(facts.date);
  return Number.isNaN(time) ? object.modifiedAt : time;
}

function compareKeys(a: BackupAtLocation, b: BackupAtLocation): number {
  return a.object.key < b.object.key ? -1 : 1;
}
