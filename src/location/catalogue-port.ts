import type { StoredObject } from "#storage/provider.ts";
import type { ArchiveFacts, ArchiveProblem } from "./archive-facts.ts";

/** Which location of which home. */
export interface Place {
  /** Id of the home. */
  readonly home: string;
  /** Id of the location. */
  readonly location: string;
}

/** What reading an archive's headers, or the notes on it, came to. */
export type Inspection =
  /** A JSON value; undefined if the notes cannot be read. */
  | { readonly kind: "notes"; readonly notes?: unknown }
  | { readonly kind: "archive"; readonly facts: ArchiveFacts }
  /** Ought to be a backup and cannot be read as one. */
  | { readonly kind: "damaged"; readonly reason: ArchiveProblem }
  | { readonly kind: "other"; readonly reason: ArchiveProblem };

export interface CatalogueEntry {
  /** The object as it was when it was inspected. */
  readonly object: StoredObject;
  readonly inspection: Inspection;
  /** False if the object may still change without a trace: then it is listed, but looked at again. */
  readonly settled: boolean;
}

/**
 * Remembers inspections. A cache: it may forget at any time, and may be shared by several processes.
 */
export interface Catalogue {
  /** Everything that is remembered of a place, by key; another map when anything of it has changed. */
  entries(place: Place): Promise<ReadonlyMap<string, CatalogueEntry>>;
  /** When everything at a place was last seen, in milliseconds since 1970; undefined if never. */
  lastLook(place: Place): Promise<number | undefined>;
  /** Adds or replaces entries, and forgets others, as one step. */
  update(place: Place, change: CatalogueChange): Promise<void>;
}

export interface CatalogueChange {
  readonly save: readonly CatalogueEntry[];
  /** Keys. */
  readonly forget: readonly string[];
  /** Time of a look at everything there, if the change comes of one. */
  readonly lookedAt?: number;
}
