import { SafehouseError, type Problem } from "#core/model/problem.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { asSafehouseError } from "#storage/errors.ts";
import type { ListedCopy } from "./group-copies.ts";
import type { HomeLocations } from "./home-locations.ts";

/** What came of work at one copy. */
export interface CopyOutcome {
  readonly location: string;
  readonly file: string;
  /** Why it was not done; undefined if it was. */
  readonly error: { readonly problem: Problem; readonly message: string } | undefined;
}

/**
 * Does the same work at each copy of a backup, one after the other. A failure at one keeps the others from nothing,
 * but if all fail it rejects with the first failure. Rejects with the signal's reason.
 */
export async function atEachCopy(
  copies: readonly ListedCopy[],
  { locations, signal }: { readonly locations: HomeLocations; readonly signal: AbortSignal },
  work: (location: ArchiveLocation, file: string) => Promise<unknown>,
): Promise<readonly CopyOutcome[]> {
  const outcomes: CopyOutcome[] = [];
  const failures: SafehouseError[] = [];
  for (const { location, file } of copies) {
    try {
      await work(await locations.open(location, signal), file);
      outcomes.push({ location, file, error: undefined });
    } catch (error) {
      signal.throwIfAborted();
      const known = asSafehouseError(error);
      if (!(known instanceof SafehouseError)) throw error;
      failures.push(known);
      const { problem, message } = known;
      outcomes.push({ location, file, error: { problem, message } });
    }
  }
  const [first] = failures;
  if (first !== undefined && failures.length === copies.length) throw first;
  return outcomes;
}
