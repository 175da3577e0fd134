import { SafehouseError } from "#core/model/problem.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";

/** Rejects with `already-exists` if a backup of that slug is at the location, under whatever name. */
export async function refuseTwin(
  location: ArchiveLocation,
  slug: string,
  signal: AbortSignal,
): Promise<void> {
  const { backups } = await location.list(signal);
  const twin = backups.find(({ facts }) => facts?.slug === slug);
  if (twin === undefined) return;
  throw new SafehouseError(
    "already-exists",
    `Backup ${slug} is at ${location.id} already, as ${twin.object.key}`,
    { subject: twin.object.key },
  );
}
