import { SafehouseError } from "#core/model/problem.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";

export interface NotesChange {
  /** Values by kind of note; undefined removes one. */
  readonly change: Readonly<Record<string, unknown>>;
  /** The archive was made just now, so nobody can have written notes on it before. */
  readonly isNew?: boolean;
  readonly signal: AbortSignal;
}

/**
 * Changes single notes on the backup with that slug and leaves all others as they lie there, understood or not.
 * Where notes are lost or damaged a pin may have been in them, and that stays unknown.
 */
export async function changeNotes(
  location: ArchiveLocation,
  slug: string,
  { change, isNew = false, signal }: NotesChange,
): Promise<void> {
  const unknown = isNew ? {} : { pin: null };
  const before = (await readIfSound(location, slug, signal)) ?? unknown;
  await location.writeNotes(slug, { ...before, ...change }, signal);
}

async function readIfSound(
  location: ArchiveLocation,
  slug: string,
  signal: AbortSignal,
): Promise<object | undefined> {
  try {
    const notes = await location.readNotes(slug, signal);
    const isObject = typeof notes === "object" && notes !== null && !Array.isArray(notes);
    return isObject ? notes : undefined;
  } catch (error) {
    if (error instanceof SafehouseError && error.problem === "damaged") return undefined;
    throw error;
  }
}
