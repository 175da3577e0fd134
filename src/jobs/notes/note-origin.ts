import type { ArchiveLocation } from "#location/archive-location.ts";
import { originKey, originNote, type BackupOrigin } from "./origin.ts";

/** Writes the first notes on a new backup: whose it is. */
export async function noteOrigin(
  location: ArchiveLocation,
  { slug, origin }: { readonly slug: string; readonly origin: BackupOrigin },
  signal: AbortSignal,
): Promise<void> {
  await location.writeNotes(slug, { [originKey]: originNote(origin) }, signal);
}
