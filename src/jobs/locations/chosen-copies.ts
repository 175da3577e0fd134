import { findBackup } from "../backup/list-backups.ts";
import { findCopies, type FoundCopies } from "./find-copies.ts";
import { groupCopies } from "./group-copies.ts";
import type { OpenLocations } from "../services.ts";

/** The copies that something is about: that at the location that was named, else all. */
export async function chosenCopies(
  { locations, chosen, clock }: OpenLocations,
  reference: string,
  signal: AbortSignal,
): Promise<FoundCopies> {
  if (chosen === undefined) return findCopies(locations, reference, { clock, signal });
  const archive = await findBackup(await locations.open(chosen, signal), reference, signal);
  return { backup: { ...archive, copies: groupCopies([archive])[0]?.copies ?? [] }, silent: [] };
}
