/** Key of the note that a copy has come to wherever its location brings it by itself. */
export const settledKey = "settled";

/** The note as it lies beside the copy. */
export function settledNote(now: number): Readonly<Record<string, unknown>> {
  return { [settledKey]: { at: new Date(now).toISOString() } };
}

/** True if the notes on a copy say that it has settled. Anybody who can write at the location can have written them. */
export function hasSettled(notes: unknown): boolean {
  return typeof notes === "object" && notes !== null && Object.hasOwn(notes, settledKey);
}
