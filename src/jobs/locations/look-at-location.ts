import { StorageError } from "#storage/errors.ts";
import type { HomeLocations } from "./home-locations.ts";
import { lookAt, type LocationProblem, type LookOptions } from "./look-at.ts";

/** What there is at one location. */
export interface LocationReport {
  /** Archives there. */
  readonly backups: number;
  /** Of these archives. */
  readonly bytes: number;
  /** Undefined where the place does not tell, and where it does not answer. */
  readonly freeBytes: number | undefined;
  /** When it was seen so, ISO date-time; undefined if it never was. */
  readonly asOf: string | undefined;
  readonly problem: LocationProblem | undefined;
}

/** Looks what there is at one location; for one that does not answer, what was there at the last look. */
export async function lookAtLocation(
  locations: HomeLocations,
  id: string,
  options: Omit<LookOptions, "fresh">,
): Promise<LocationReport> {
  const { listing, lookedAt, problem } = await lookAt(locations, id, { ...options, fresh: true });
  const sizes = listing.backups.map(({ object }) => object.size);
  return {
    backups: sizes.length,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    freeBytes: problem === undefined ? await freeBytes(locations, id, options.signal) : undefined,
    asOf: lookedAt === undefined ? undefined : new Date(lookedAt).toISOString(),
    problem,
  };
}

/** A place that has just listed what it holds may still not tell how much room it has. */
async function freeBytes(
  locations: HomeLocations,
  id: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    return await (await locations.look(id)).freeSpace(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StorageError) return undefined;
    throw error;
  }
}
