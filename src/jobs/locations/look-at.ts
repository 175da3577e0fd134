import { SafehouseError, type Problem } from "#core/model/problem.ts";
import type { Clock } from "#core/ports.ts";
import type { LocationListing } from "#location/backup-at-location.ts";
import { asSafehouseError } from "#storage/errors.ts";
import type { HomeLocations } from "./home-locations.ts";

export interface LookOptions {
  /** Ask the location; else what is known of it is all that there is to see. */
  readonly fresh: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What was seen at a location, now or at the last look. */
export interface Seen {
  readonly listing: LocationListing;
  /** When all of it was seen so, in milliseconds since 1970; undefined if it never was. */
  readonly lookedAt: number | undefined;
  /** Why the location did not answer; undefined if it did, and if nobody asked. */
  readonly problem: LocationProblem | undefined;
}

export interface LocationProblem {
  readonly problem: Problem;
  readonly message: string;
  readonly advice: string | undefined;
}

/**
 * Looks at one location. It is given up once it shows no progress, and then answered for by the catalogue. Rejects
 * only if it was cancelled, and with faults of this program.
 */
export async function lookAt(
  locations: HomeLocations,
  id: string,
  { fresh, clock, signal }: LookOptions,
): Promise<Seen> {
  if (!fresh) return remembered(locations, id, undefined);
  const lookedAt = clock.now();
  try {
    const listing = await (await locations.look(id)).list(signal);
    return { listing, lookedAt, problem: undefined };
  } catch (error) {
    signal.throwIfAborted();
    const known = asSafehouseError(error);
    if (!(known instanceof SafehouseError)) throw error;
    const { problem, message, advice } = known;
    return remembered(locations, id, { problem, message, advice });
  }
}

/** What was seen at the last look. Rejects with `not-found` for an id that there is not. */
export async function remembered(
  locations: HomeLocations,
  id: string,
  problem: LocationProblem | undefined,
): Promise<Seen> {
  const { lookedAt, ...listing } = await locations.remembered(id);
  return { listing, lookedAt, problem };
}
