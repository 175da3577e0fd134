/** A person's word on whether a backup is to be kept at its location, whatever rules say. */
export interface PinNote {
  readonly pinned: boolean;
  /** ISO date-time. */
  readonly at: string;
}

/** A pin as it lies in the notes on a backup; undefined for what is none. */
export function parsePin(value: unknown): PinNote | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { pinned, at } = value as Partial<Record<keyof PinNote, unknown>>;
  return typeof pinned === "boolean" && typeof at === "string" ? { pinned, at } : undefined;
}

/**
 * Whether a backup is pinned, by the notes on it as they lie beside it; undefined if that is not known: without
 * notes, or with a pin that cannot be read, it may have been. Notes without a pin say that it is not.
 */
export function isPinned(notes: unknown): boolean | undefined {
  if (typeof notes !== "object" || notes === null || Array.isArray(notes)) return undefined;
  return "pin" in notes ? parsePin(notes.pin)?.pinned : false;
}
