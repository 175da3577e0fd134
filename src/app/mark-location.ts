import { randomUUID } from "node:crypto";
import { createMarker, readMarker } from "#storage/layers/marker.ts";
import { LocalStorage } from "#storage/local/provider.ts";
import { createLocalFolder, parseLocalSettings } from "#storage/local/settings.ts";

/**
 * Sets a folder up as a location: makes it if it is missing and gives it a marker, so that a share which
 * is not mounted is recognised by the marker's absence. Returns the location's id.
 */
export async function markLocation(path: string, signal: AbortSignal): Promise<string> {
  await createLocalFolder(path);
  const storage = new LocalStorage(parseLocalSettings({ path }));
  const known = await readMarker(storage, signal);
  if (known !== undefined) return known;
  const id = randomUUID();
  await createMarker(storage, id, signal);
  return id;
}
