import type { AddonFacts, ArchiveProblem, FolderFacts } from "#location/archive-facts.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { BackupAtLocation, LocationListing } from "#location/backup-at-location.ts";
import type { PersonNote } from "../notes/person-note.ts";
import { isPinned } from "../notes/pin-note.ts";
import { knownNotes, type VerificationNotes } from "./verification-notes.ts";

/** A backup at a location, as lists and `--json` show it. */
export interface ListedBackup {
  /** Undefined where the archive cannot be read as far as that. */
  readonly slug: string | undefined;
  readonly name: string | undefined;
  readonly date: string | undefined;
  readonly type: "full" | "partial" | undefined;
  readonly protected: boolean | undefined;
  readonly compressed: boolean | undefined;
  readonly size: number;
  readonly location: string;
  readonly file: string;
  /** When the file was written, as the place tells it, ISO date-time; undefined for what no calendar has. */
  readonly modifiedAt: string | undefined;
  readonly homeassistant:
    | { readonly version: string | undefined; readonly databaseIncluded: boolean }
    | undefined;
  readonly folders: readonly FolderFacts[];
  readonly addons: readonly AddonFacts[];
  readonly problems: readonly ArchiveProblem[];
  /** The last verification that is remembered. */
  readonly verification: VerificationNotes | undefined;
  /** It is kept here whatever rules say; undefined if that is not known, which counts as yes. */
  readonly pinned: boolean | undefined;
  /** What a person wrote about it. */
  readonly note: PersonNote | undefined;
}

export interface BackupListing {
  readonly backups: readonly ListedBackup[];
  /** Files that end in `.tar` and are no backups, and why. */
  readonly others: readonly { readonly file: string; readonly message: string }[];
}

/** Everything at a location, newest first; damaged archives stay visible. */
export async function listBackups(
  location: ArchiveLocation,
  signal: AbortSignal,
): Promise<BackupListing> {
  return describeListing(await location.list(signal));
}

/** What was seen at a location as lists show it. */
export function describeListing(listing: LocationListing): BackupListing {
  const backups = listing.backups.map(describeBackup);
  const others = listing.others.map(({ object, reason }) => ({
    file: object.key,
    message: reason.message,
  }));
  return { backups, others };
}

/** One backup by slug or file name. Rejects with `not-found`. */
export async function findBackup(
  location: ArchiveLocation,
  reference: string,
  signal: AbortSignal,
): Promise<ListedBackup> {
  return describeBackup(await location.find(reference, signal));
}

const nothingKnown = {
  slug: undefined,
  name: undefined,
  date: undefined,
  type: undefined,
  protected: undefined,
  compressed: undefined,
  homeassistant: undefined,
  folders: [],
  addons: [],
  verification: undefined,
  pinned: undefined,
  note: undefined,
};

/** Of archives that were described before; a catalogue gives the same ones until they change. */
const described = new WeakMap<BackupAtLocation, ListedBackup>();

/** An archive at a location as lists show it. */
export function describeBackup(backup: BackupAtLocation): ListedBackup {
  const known = described.get(backup) ?? describe(backup);
  described.set(backup, known);
  return known;
}

function describe({ location, object, facts, problems, notes }: BackupAtLocation): ListedBackup {
  const modified = new Date(object.modifiedAt);
  const modifiedAt = Number.isNaN(modified.getTime()) ? undefined : modified.toISOString();
  const place = { size: object.size, location, file: object.key, modifiedAt, problems };
  if (facts === undefined) return { ...nothingKnown, ...place };
  const { slug, name, date, type, compressed, homeassistant, folders, addons } = facts;
  const { verification, note } = knownNotes(notes);
  return {
    slug,
    name,
    date,
    type,
    protected: facts.protected,
    compressed,
    ...place,
    homeassistant: homeassistant && {
      version: homeassistant.version,
      databaseIncluded: homeassistant.databaseIncluded,
    },
    folders,
    addons,
    verification,
    pinned: isPinned(notes),
    note,
  };
}
