import type { CopyFacts } from "#core/model/copy.ts";
import { hasSettled } from "../notes/settled-note.ts";
import { copyFacts } from "../prune/copy-facts.ts";
import type { HomeLocations } from "./home-locations.ts";

/**
 * What lay at each location when it was last seen, by the location's id. No place is asked.
 * @param installation id of this installation
 */
export async function rememberedCopies(
  locations: HomeLocations,
  installation: string,
): Promise<ReadonlyMap<string, readonly CopyFacts[]>> {
  const copies = new Map<string, readonly CopyFacts[]>();
  for (const { id } of await locations.list()) {
    const { backups, lookedAt } = await locations.remembered(id);
    // Nobody has looked yet, which is not the same as nothing there.
    if (lookedAt === undefined && backups.length === 0) continue;
    const settles = await locations.settles(id);
    copies.set(
      id,
      backups.map((backup) => {
        const facts = copyFacts(backup, installation);
        return settles && !hasSettled(backup.notes) ? { ...facts, waits: true } : facts;
      }),
    );
  }
  return copies;
}
