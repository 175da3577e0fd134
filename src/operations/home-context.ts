import type { RunDesk } from "#jobs/runs/run-desk.ts";
import type { PlaceFlags, Services } from "#jobs/services.ts";

/** What an operation works with: one home, and the process that carries its runs out. */
export interface HomeContext {
  readonly services: Services;
  /** Which home; empty for the one of the data directory. */
  readonly place: PlaceFlags;
  /** Carries runs out, and knows what they came to. */
  readonly desk: Pick<RunDesk, "begin" | "end">;
  /** Fires when nobody waits for the answer any more. Runs go on all the same. */
  readonly signal: AbortSignal;
}
