import type { LocationRecord } from "#core/model/location.ts";
import { SafehouseError, type Problem } from "#core/model/problem.ts";
import type { Clock } from "#core/ports.ts";
import type { LocationListing } from "#location/backup-at-location.ts";
import { asSafehouseError } from "#storage/errors.ts";
import { describeBackup } from "../backup/list-backups.ts";
import { groupCopies, type BackupWithCopies } from "./group-copies.ts";
import type { HomeLocations } from "./home-locations.ts";

/** A location as far as a list goes. */
export interface LocationAnswer {
  readonly id: string;
  readonly name: string;
  readonly isDefault: boolean;
  /** When all of it was seen as it is listed, ISO date-time; undefined if it never was. */
  readonly asOf: string | undefined;
  /** Why it did not answer; undefined if it did, and if nobody asked. */
  readonly problem: LocationProblem | undefined;
}

export interface LocationProblem {
  readonly problem: Problem;
  readonly message: string;
  readonly advice: string | undefined;
}

export interface CopyListing {
  /** Each backup once, newest first. */
  readonly backups: readonly BackupWithCopies[];
  /** Files that end in `.tar` and are no backups, and why. */
  readonly others: readonly OtherAtLocation[];
  /** The default one first. */
  readonly locations: readonly LocationAnswer[];
}

export interface OtherAtLocation {
  readonly location: string;
  readonly file: string;
  readonly message: string;
}

export interface CopyListingOptions {
  /** Ask the locations; else what is known of them is all that is listed, and none is asked. */
  readonly fresh: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Every backup at every location. The locations are asked side by side, and each is given up by itself once it
 * shows no progress; one that does not answer is answered for by the catalogue, as of its last look. A backup that
 * is gone from a place that answered is not listed any more; one at a place that did not answer is.
 */
export async function listCopies(
  locations: HomeLocations,
  options: CopyListingOptions,
): Promise<CopyListing> {
  const defaultId = await locations.default();
  const all = await locations.list();
  const preferred = all.toSorted((a, b) => Number(b.id === defaultId) - Number(a.id === defaultId));
  const seen = await Promise.all(
    preferred.map(async (record) => ({
      record,
      ...(await look(locations, record, options)),
    })),
  );
  return {
    backups: groupCopies(seen.flatMap(({ listing }) => listing.backups.map(describeBackup))),
    others: seen.flatMap(({ record, listing }) =>
      listing.others.map(({ object, reason }) => ({
        location: record.id,
        file: object.key,
        message: reason.message,
      })),
    ),
    locations: seen.map(({ record: { id, name }, lookedAt, problem }) => ({
      id,
      name,
      isDefault: id === defaultId,
      asOf: lookedAt === undefined ? undefined : new Date(lookedAt).toISOString(),
      problem,
    })),
  };
}

interface Seen {
  readonly listing: LocationListing;
  /** Milliseconds since 1970. */
  readonly lookedAt: number | undefined;
  readonly problem: LocationProblem | undefined;
}

async function look(
  locations: HomeLocations,
  { id }: LocationRecord,
  { fresh, clock, signal }: CopyListingOptions,
): Promise<Seen> {
  if (!fresh) return remember(locations, id, undefined);
  const lookedAt = clock.now();
  try {
    const listing = await (await locations.look(id)).list(signal);
    return { listing, lookedAt, problem: undefined };
  } catch (error) {
    signal.throwIfAborted();
    const known = asSafehouseError(error);
    if (!(known instanceof SafehouseError)) throw error;
    const { problem, message, advice } = known;
    return remember(locations, id, { problem, message, advice });
  }
}

async function remember(
  locations: HomeLocations,
  id: string,
  problem: LocationProblem | undefined,
): Promise<Seen> {
  const { lookedAt, ...listing } = await locations.remembered(id);
  return { listing, lookedAt, problem };
}
