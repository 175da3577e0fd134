import type { LocationRecord } from "#core/model/location.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { RememberedListing } from "#location/remembered-listing.ts";
import type { StorageProvider } from "#storage/provider.ts";

/**
 * The locations of one home. They are named by id; a place that is no location of the home may be named by its
 * path, and that is its id then. A path at which a location of the home lies names that location.
 *
 * Everything but `list` and `default` rejects with `not-found` for an id that there is not, and with what opening
 * the place meets: `StorageError`, and `unsupported` for a kind that this program does not know.
 */
export interface HomeLocations {
  /** All of them, the first of a home before those that were added. */
  list(): Promise<readonly LocationRecord[]>;

  /** Id of the one that backups go to where none is named. */
  default(): Promise<string>;

  /** The id of the one that is named by its id or path. The place is not asked. */
  idOf(named: string): Promise<string>;

  /** Opens one for work: what writers that died have left there is removed first. */
  open(id: string, signal: AbortSignal): Promise<ArchiveLocation>;

  /** Opens one for a look, with little patience: nothing is removed, and the place is not asked yet. */
  look(id: string): Promise<ArchiveLocation>;

  /** What was there at the last look. The place is not asked, so it may be away. */
  remembered(id: string): Promise<RememberedListing>;

  /** True if what comes there goes on by itself, and only then is delivered. The place is not asked. */
  settles(id: string): Promise<boolean>;

  /** Believes nothing that is remembered, so that the next look at each reads every archive again. */
  doubt(): Promise<void>;

  /** The place itself. It is not asked yet. */
  storage(id: string): Promise<StorageProvider>;
}
