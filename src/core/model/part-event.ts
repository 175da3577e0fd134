import type { Entry } from "./entry.ts";

/** Something about one entry that a person must be told. */
export interface EntryNote {
  /** Path of the entry inside its part. */
  readonly path: string;
  readonly problem: EntryProblem;
  /** One sentence: what happened and what was done about it. No full stop, no secret. */
  readonly message: string;
}

export type EntryProblem =
  /** Could not be opened or read; left out. */
  | "unreadable"
  /** Was listed and then gone; left out. */
  | "vanished"
  /** Became longer while it was read; cut at the size in its header. */
  | "grew"
  /** Became shorter while it was read; filled with zero bytes. */
  | "shrank"
  /** Socket, FIFO or device; left out. */
  | "special"
  /** Another file system or a mount is rooted there; left out. */
  | "mount"
  /** A database that could only be copied as a file, or whose check failed. */
  | "database"
  /** Not written because it would land outside the target or through a link. */
  | "unsafe"
  /** The format allows it and we do not write it (sparse, device …). */
  | "unsupported"
  /** A later entry of the same name took its place. */
  | "duplicate"
  /** Written, but points outside of its part. */
  | "outside-link"
  /** Nothing here for it to be restored to. */
  | "no-home";

/**
 * The content of one part as a flat stream: an `entry`, then, for files, `data` events that add up to
 * exactly `entry.size`, then the next `entry`. `note`s stand anywhere between.
 *
 * Events travel in batches. The bytes of a batch are valid until the next batch is asked for.
 */
export type PartEvent =
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "note"; readonly note: EntryNote };

export type PartEvents = AsyncIterable<readonly PartEvent[]>;
