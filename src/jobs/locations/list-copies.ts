import { describeBackup } from "../backup/list-backups.ts";
import { groupCopies, type BackupWithCopies } from "./group-copies.ts";
import type { HomeLocations } from "./home-locations.ts";
import { lookAt, type LocationProblem, type LookOptions, type Seen } from "./look-at.ts";

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

/**
 * Every backup at every location. The locations are asked side by side, and each is given up by itself once it
 * shows no progress; one that does not answer is answered for by the catalogue, as of its last look. A backup that
 * is gone from a place that answered is not listed any more; one at a place that did not answer is.
 * @param look how each is looked at; without it each is waited for as the options say
 */
export async function listCopies(
  locations: HomeLocations,
  options: LookOptions,
  look: (id: string) => Promise<Seen> = (id) => lookAt(locations, id, options),
): Promise<CopyListing> {
  const defaultId = await locations.default();
  const all = await locations.list();
  const preferred = all.toSorted((a, b) => Number(b.id === defaultId) - Number(a.id === defaultId));
  const seen = await Promise.all(
    preferred.map(async (record) => ({
      record,
      ...(await look(record.id)),
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
