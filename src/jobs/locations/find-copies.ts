import { SafehouseError } from "#core/model/problem.ts";
import type { BackupWithCopies } from "./group-copies.ts";
import type { HomeLocations } from "./home-locations.ts";
import { listCopies, type CopyListing, type LocationAnswer } from "./list-copies.ts";
import type { LookOptions } from "./look-at.ts";

export interface FoundCopies {
  /** By its slug with all copies; by the name of a file with those of that name. */
  readonly backup: BackupWithCopies;
  /** Locations that did not answer, so that what is said of copies there is as of earlier. */
  readonly silent: readonly LocationAnswer[];
}

/**
 * A backup at all locations, by slug or file name. Rejects with `not-found`, and with `usage` if several backups
 * are called so.
 */
export async function findCopies(
  locations: HomeLocations,
  reference: string,
  options: Omit<LookOptions, "fresh">,
): Promise<FoundCopies> {
  const listing = await listCopies(locations, { ...options, fresh: true });
  const silent = listing.locations.filter(({ problem }) => problem !== undefined);
  const [backup, another] = candidates(listing, reference);
  if (backup === undefined) throw notFound(reference, silent);
  if (another !== undefined) throw ambiguous(reference, backup, another);
  return { backup, silent };
}

function candidates({ backups }: CopyListing, reference: string): readonly BackupWithCopies[] {
  const bySlug = backups.filter(({ slug }) => slug === reference);
  if (bySlug.length > 0) return bySlug;
  return backups.flatMap((backup) => {
    const copies = backup.copies.filter(({ file }) => file === reference);
    return copies.length === 0 ? [] : [{ ...backup, ...copies[0], copies }];
  });
}

function notFound(reference: string, silent: readonly LocationAnswer[]): SafehouseError {
  const [first] = silent;
  const where = first === undefined ? "at any location" : "at any location that answered";
  return new SafehouseError("not-found", `There is no backup ${reference} ${where}`, {
    subject: reference,
    ...(first === undefined
      ? {}
      : { advice: `See why ${first.id} does not answer: ${first.problem?.message ?? ""}` }),
  });
}

function ambiguous(
  reference: string,
  one: BackupWithCopies,
  another: BackupWithCopies,
): SafehouseError {
  const [a, b] = [one, another].map(({ file, location }) => `${file} at ${location}`);
  return new SafehouseError("usage", `Different backups are called ${reference}: ${a} and ${b}`, {
    subject: reference,
    advice: "Name the archive by its file, or its location with --location",
  });
}
