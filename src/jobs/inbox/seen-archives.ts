import type { SeenArchive } from "#core/arrivals/arrival.ts";
import type { LocationListing } from "#location/backup-at-location.ts";
import { knownNotes } from "../backup/verification-notes.ts";
import { parseArrival } from "../notes/arrival.ts";
import { copyFacts } from "../prune/copy-facts.ts";

/** The archives of a location, as far as it matters whether they have arrived. @param installation id of this one */
export function seenArchives(
  { backups }: LocationListing,
  installation: string,
): readonly SeenArchive[] {
  return backups.map((backup) => {
    const { object, facts, notes, problems } = backup;
    return {
      file: object.key,
      version: object.version,
      modifiedAt: object.modifiedAt,
      isOwn: copyFacts(backup, installation).owner === "this",
      isRead: knownNotes(notes).verification !== undefined,
      cameWhole: parseArrival(notes)?.by === "inbox",
      problem: facts === undefined ? (problems[0]?.message ?? "It cannot be read") : undefined,
    };
  });
}
