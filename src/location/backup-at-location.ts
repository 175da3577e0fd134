import type { StoredObject } from "#storage/provider.ts";
import type { ArchiveFacts, ArchiveProblem } from "./archive-facts.ts";

/** One archive at a location, whole or not. */
export interface BackupAtLocation {
  /** Id of the location. */
  readonly location: string;
  /** The archive's file; its key names it without doubt. */
  readonly object: StoredObject;
  /** Undefined if the archive cannot even be read as far as its name. */
  readonly facts: ArchiveFacts | undefined;
  /** What is wrong with it; empty if nothing was seen, which is no proof. */
  readonly problems: readonly ArchiveProblem[];
  /** The notes on it as they lie beside it, a JSON value; undefined if there are none. */
  readonly notes: unknown;
  /** Keys of other archives here with the same slug. */
  readonly sameSlug: readonly string[];
}

/** A `*.tar` that is something else. */
export interface OtherFile {
  readonly object: StoredObject;
  readonly reason: ArchiveProblem;
}

export interface LocationListing {
  /** Newest first; those without a readable date by the time of their file. */
  readonly backups: readonly BackupAtLocation[];
  readonly others: readonly OtherFile[];
}
