import type { ArchiveLocation } from "#location/archive-location.ts";

export type OpenedLocation = ArchiveLocation;

/**
 * Opens a location by its id and removes what writers that died have left there. Rejects as the place does if
 * it cannot be reached, and with `not-found` for an id that nobody knows.
 */
export type OpenLocationById = (id: string, signal: AbortSignal) => Promise<ArchiveLocation>;
