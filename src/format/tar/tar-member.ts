import type { Entry } from "#core/model/entry.ts";

/** A member of an outer archive; offsets in bytes from the start of the file. */
export interface TarMember {
  readonly entry: Entry;
  /** First header block, extended headers included. */
  readonly headerOffset: number;
  /** First byte of content; there are `entry.size`. */
  readonly contentOffset: number;
}

/** Reads `length` bytes from `offset`; fewer come back only at the end. */
export type ReadRange = (offset: number, length: number) => Promise<Uint8Array>;
