import { SafehouseError, type Problem } from "#core/model/problem.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { asSafehouseError } from "#storage/errors.ts";
import type { FoundCopies } from "./find-copies.ts";
import type { ListedCopy } from "./group-copies.ts";
import type { HomeLocations } from "./home-locations.ts";

/** What came of work at one copy. */
export interface CopyOutcome {
  readonly location: string;
  readonly file: string;
  /** Why it was not done; undefined if it was. */
  readonly error: { readonly problem: Problem; readonly message: string } | undefined;
}

export interface CopyTools {
  readonly locations: HomeLocations;
  readonly signal: AbortSignal;
}

/**
 * Does the same work at each copy of a backup, one after the other. A failure at one keeps none of the others from
 * being done, and where a location has just not answered nobody waits for it again. If it is done nowhere it
 * rejects with the first failure; also with the signal's reason.
 */
export async function atEachCopy(
  { backup, silent }: FoundCopies,
  tools: CopyTools,
  work: (location: ArchiveLocation, file: string) => Promise<unknown>,
): Promise<readonly CopyOutcome[]> {
  const outcomes: CopyOutcome[] = [];
  const failures: SafehouseError[] = [];
  for (const copy of backup.copies) {
    const { location, file } = copy;
    const silence = silent.find(({ id }) => id === location)?.problem;
    const failure =
      silence === undefined
        ? await attempt(copy, tools, work)
        : new SafehouseError(silence.problem, silence.message, { subject: location });
    if (failure !== undefined) failures.push(failure);
    const error = failure && { problem: failure.problem, message: failure.message };
    outcomes.push({ location, file, error });
  }
  const [first] = failures;
  if (first !== undefined && failures.length === outcomes.length) throw first;
  return outcomes;
}

/** Why it could not be done; undefined if it was. */
async function attempt(
  { location, file }: ListedCopy,
  { locations, signal }: CopyTools,
  work: (location: ArchiveLocation, file: string) => Promise<unknown>,
): Promise<SafehouseError | undefined> {
  try {
    await work(await locations.open(location, signal), file);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const known = asSafehouseError(error);
    if (known instanceof SafehouseError) return known;
    throw error;
  }
}
