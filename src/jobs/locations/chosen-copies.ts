import { findBackup } from "../backup/list-backups.ts";
import { findCopies, type FoundCopies } from "./find-copies.ts";
import { groupCopies } from "./group-copies.ts";
import type { Clock } from "#core/ports.ts";
import type { HomeLocations } from "./home-locations.ts";

/** The locations of a home, and the one that was named. */
export interface ChosenLocation {
  readonly locations: HomeLocations;
  /** Id or path; undefined if none was named. */
  readonly chosen: string | undefined;
  readonly clock: Clock;
}

/** The copies that something is about: that at the location that was named, else all. */
export async function chosenCopies(
  { locations, chosen, clock }: ChosenLocation,
  reference: string,
  signal: AbortSignal,
): Promise<FoundCopies> {
  if (chosen === undefined) return findCopies(locations, reference, { clock, signal });
  const archive = await findBackup(await locations.open(chosen, signal), reference, signal);
  return { backup: { ...archive, copies: groupCopies([archive])[0]?.copies ?? [] }, silent: [] };
}
