import { findBackup } from "#jobs/backup/list-backups.ts";
import { findCopies, type FoundCopies } from "#jobs/locations/find-copies.ts";
import { groupCopies } from "#jobs/locations/group-copies.ts";
import type { OpenLocations } from "#jobs/services.ts";

/** The copies that a command is about: that at the location that was named, else all. */
export async function chosenCopies(
  { locations, chosen, clock }: OpenLocations,
  reference: string,
  signal: AbortSignal,
): Promise<FoundCopies> {
  if (chosen === undefined) return findCopies(locations, reference, { clock, signal });
  const archive = await findBackup(await locations.open(chosen, signal), reference, signal);
  return { backup: { ...archive, copies: groupCopies([archive])[0]?.copies ?? [] }, silent: [] };
}
