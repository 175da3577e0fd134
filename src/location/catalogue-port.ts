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
  readonly key: string;
  /** Version of the object (see `StoredObject`) that was inspected. */
  readonly version: string;
  readonly inspection: Inspection;
}

/**
 * Remembers inspections. A cache: it may forget at any time, and may be shared by several processes.
 */
export interface Catalogue {
  /** Everything that is remembered of a place, by key. */
  entries(place: Place): Promise<ReadonlyMap<string, CatalogueEntry>>;
  /** Adds or replaces entries, and forgets others, as one step. */
  update(place: Place, change: CatalogueChange): Promise<void>;
}

export interface CatalogueChange {
  readonly save: readonly CatalogueEntry[];
  /** Keys. */
  readonly forget: readonly string[];
}
