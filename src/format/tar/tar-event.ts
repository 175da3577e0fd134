import type { Entry } from "#core/model/entry.ts";
import type { PartEvent } from "#core/model/part-event.ts";

/** A `PartEvent` that knows where in the archive an entry stands, in bytes from the archive's start. */
export type TarEvent = TarEntryEvent | Exclude<PartEvent, { readonly kind: "entry" }>;

export interface TarEntryEvent {
  readonly kind: "entry";
  readonly entry: Entry;
  /** First header block, extended headers included. */
  readonly headerOffset: number;
  /** First byte of content. */
  readonly contentOffset: number;
}
