import { SafehouseError } from "#core/model/problem.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { OpenLocationById } from "../open-location-port.ts";
import { stepErrorOf } from "../runs/step-error.ts";
import { SourceFailure } from "./source-failure.ts";

export interface SourceTools {
  readonly openLocation: OpenLocationById;
  /** Is told why a location was passed over. */
  readonly log: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Does work with the first location that has what it needs. One that cannot be opened, or whose copy fails
 * (`SourceFailure`), is passed over. Rejects as the first of them did if none is left, and as the work does.
 */
export async function fromAnySource<Result>(
  sources: readonly string[],
  { openLocation, log, signal }: SourceTools,
  work: (from: ArchiveLocation) => Promise<Result>,
): Promise<Result> {
  let first: SourceFailure | undefined;
  for (const source of sources) {
    signal.throwIfAborted();
    try {
      return await work(await opened(source, openLocation, signal));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SourceFailure)) throw error;
      first ??= error;
      log(`It cannot be copied from ${source}: ${stepErrorOf(error.cause).message}`);
    }
  }
  if (first !== undefined) throw first.cause;
  throw new SafehouseError("not-found", "No location is known to copy it from");
}

async function opened(
  source: string,
  openLocation: OpenLocationById,
  signal: AbortSignal,
): Promise<ArchiveLocation> {
  try {
    return await openLocation(source, signal);
  } catch (error) {
    throw new SourceFailure(error);
  }
}
