import { chosenCopies, type ChosenLocation } from "./chosen-copies.ts";

export interface SourceSearch extends ChosenLocation {
  /** True for a location on a disk of this machine, by its id. */
  readonly isNear: (id: string) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/**
 * Where a backup can be copied from: the location that was named, else all that have a copy; whole copies before
 * damaged ones, those on this machine before others, and those that were read back before others. Rejects as
 * `chosenCopies`.
 */
export async function sourcesOf(
  reference: string,
  search: SourceSearch,
): Promise<readonly string[]> {
  if (search.chosen !== undefined) return [search.chosen];
  const { backup } = await chosenCopies(search, reference, search.signal);
  const copies = await Promise.all(
    backup.copies.map(async ({ location, state, verification }) => ({
      location,
      isWhole: state === "present",
      isNear: await search.isNear(location),
      isRead: verification !== undefined,
    })),
  );
  const rank = ({ isWhole, isNear, isRead }: (typeof copies)[number]): number =>
    (isWhole ? 4 : 0) + (isNear ? 2 : 0) + (isRead ? 1 : 0);
  return copies.toSorted((a, b) => rank(b) - rank(a)).map(({ location }) => location);
}
