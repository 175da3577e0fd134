import { SafehouseError } from "#core/model/problem.ts";
import type { StoredObject } from "#storage/provider.ts";
import type { HomeLocations } from "../locations/home-locations.ts";
import type { InboxArchive, InboxPlace, InboxRecord } from "../inbox-store-port.ts";

/** An archive of the inbox, and where its bytes are now. */
export interface FoundArchive {
  readonly record: InboxArchive;
  /** Id of the location; undefined for what was set aside. */
  readonly location: string | undefined;
  /** Its name there. */
  readonly file: string | undefined;
}

/**
 * Where the bytes of an archive are: where it came, else at another location that has a copy. Undefined if all places
 * that may have it have been looked at since, and it is at none: a rule or a person has removed the backup. No place is
 * asked.
 */
export async function findInboxArchive(
  record: InboxArchive,
  locations: HomeLocations,
): Promise<FoundArchive | undefined> {
  const { state, location: cameTo } = record;
  if (state.kind === "aside") return { record, location: undefined, file: undefined };
  const others = (await locations.list()).map(({ id }) => id).filter((id) => id !== cameTo);
  for (const location of [cameTo, ...others]) {
    const { backups, lookedAt } = await locations.remembered(location).catch(asNeverSeen);
    const isCopy = ({ key, size }: StoredObject, slug: string | undefined): boolean =>
      size === record.size && (slug === state.slug || (location === cameTo && key === state.file));
    const copy = backups.find(({ object, facts }) => isCopy(object, facts?.slug));
    if (copy !== undefined) return { record, location, file: copy.object.key };
    // Nobody has looked there since it came.
    if (location === cameTo && (lookedAt ?? 0) <= record.at)
      return { record, location, file: state.file };
  }
  return undefined;
}

/** A location that was removed from the home has nothing of it any more. */
function asNeverSeen(error: unknown): {
  readonly backups: readonly never[];
  readonly lookedAt: number;
} {
  const isGone = error instanceof SafehouseError && error.problem === "not-found";
  if (!isGone) throw error;
  return { backups: [], lookedAt: Infinity };
}

/**
 * What a sender sees in the inbox: everything but archives of which the backup is gone, and what was written about
 * them. A list with what cannot be restored any more would only mislead.
 */
export async function visibleRecords(
  records: readonly InboxRecord[],
  locations: HomeLocations,
): Promise<readonly InboxRecord[]> {
  const gone = new Set<string>();
  for (const record of records)
    if (record.kind === "archive" && (await findInboxArchive(record, locations)) === undefined)
      gone.add(stemOf(record));
  return records.filter((record) => record.kind === "folder" || !gone.has(stemOf(record)));
}

/** An archive and what is written about it have the same. */
function stemOf({ sender, path }: InboxPlace): string {
  return JSON.stringify([sender, path.join("/").replace(/\.(?:tar|metadata\.json)$/, "")]);
}
