import type { Arrival } from "#core/arrivals/arrival.ts";

/** Remembers what arrived at the locations of one home. */
export interface ArrivalStore {
  /** By file; undefined if nobody has looked at the location yet. @param location id */
  read(location: string): Promise<ReadonlyMap<string, Arrival> | undefined>;
  /** Keeps what a look has come to: these and no others. No other change comes in between. */
  decide(
    location: string,
    look: (before: ReadonlyMap<string, Arrival> | undefined) => ReadonlyMap<string, Arrival>,
  ): Promise<ReadonlyMap<string, Arrival>>;
  /** Keeps what became of one, unless it is gone or another by now. */
  change(location: string, arrival: Arrival): Promise<void>;
}
