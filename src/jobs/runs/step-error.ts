import { SafehouseError } from "#core/model/problem.ts";
import type { StepError } from "#core/model/run.ts";
import { asSafehouseError } from "#storage/errors.ts";

/** A failure as the journal keeps it. */
export function stepErrorOf(error: unknown): StepError {
  const known = asSafehouseError(error);
  if (known instanceof SafehouseError) {
    const { problem, message, advice } = known;
    return { problem, message, ...(advice === undefined ? {} : { advice }) };
  }
  return { problem: "fault", message: known instanceof Error ? known.message : String(known) };
}
