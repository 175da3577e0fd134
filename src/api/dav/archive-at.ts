import { SafehouseError } from "#core/model/problem.ts";
import type { Seen } from "#jobs/locations/look-at.ts";
import type { HomeContext } from "#operations/home-context.ts";

/** A `*.tar` at a location, whatever is in it. */
export type ArchiveAt = Pick<Seen["listing"]["backups"][number], "object"> & {
  readonly location: string;
  /** True only if it says of itself that everything in it is encrypted. */
  readonly isEncrypted: boolean;
};

/**
 * Every `*.tar` at the default location, of which file explorers ask again and again: as it is now if the place answers
 * within a moment, else as it was at the last look. Rejects with `unreachable` if nobody ever saw what is there.
 */
export async function archivesAtDefault({
  services,
  place,
}: HomeContext): Promise<readonly ArchiveAt[]> {
  await using open = await services.openLocations(place);
  const id = open.chosen ?? (await open.locations.default());
  const { listing, lookedAt, problem } = await open.glance(id);
  if (lookedAt === undefined && problem !== undefined)
    throw new SafehouseError("unreachable", problem.message, {
      subject: id,
      ...(problem.advice === undefined ? {} : { advice: problem.advice }),
    });
  return archivesIn(id, listing);
}

/** The same of what was seen at a location. */
export function archivesIn(location: string, listing: Seen["listing"]): readonly ArchiveAt[] {
  return [
    ...listing.backups.map(({ object, facts }) => ({
      location,
      object,
      isEncrypted: facts?.protected === true,
    })),
    ...listing.others.map(({ object }) => ({ location, object, isEncrypted: false })),
  ];
}
