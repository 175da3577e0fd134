import type { Clock } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { findBackup, type ListedBackup } from "../backup/list-backups.ts";
import { changeNotes } from "./change-notes.ts";
import { slugForNotes } from "./slug-for-notes.ts";

export interface NotingTools {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Keeps a backup at a location, whatever rules say, until it is unpinned there. By slug or file name; archives of
 * one slug share their pin. Rejects with `not-found`, and `unsupported` for an archive without a proper slug.
 */
export function pinBackup(
  location: ArchiveLocation,
  reference: string,
  tools: NotingTools,
): Promise<ListedBackup> {
  return setPin(location, reference, { ...tools, pinned: true });
}

/** Leaves a backup at a location to the rules again. Names and errors as with `pinBackup`. */
export function unpinBackup(
  location: ArchiveLocation,
  reference: string,
  tools: NotingTools,
): Promise<ListedBackup> {
  return setPin(location, reference, { ...tools, pinned: false });
}

async function setPin(
  location: ArchiveLocation,
  reference: string,
  { pinned, clock, signal }: NotingTools & { readonly pinned: boolean },
): Promise<ListedBackup> {
  const backup = await location.find(reference, signal);
  const pin = { pinned, at: new Date(clock.now()).toISOString() };
  await changeNotes(location, slugForNotes(backup), { change: { pin }, signal });
  // Looked at again, so that the catalogue knows of it too.
  return findBackup(location, backup.object.key, signal);
}
