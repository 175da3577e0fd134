import { randomUUID } from "node:crypto";
import type { CatalogEntry, PlaceSettings } from "#storage/catalog.ts";
import { readCommonSettings, withoutCommon } from "#storage/common-settings.ts";
import { createMarker, readMarker } from "#storage/layers/marker.ts";

/**
 * Sets a place up as a location: makes it if it is missing and gives it a marker, so that a share which
 * is not mounted is recognised by the marker's absence. Returns the id in the marker.
 */
export async function markLocation(
  kind: CatalogEntry,
  given: PlaceSettings,
  signal: AbortSignal,
): Promise<string> {
  readCommonSettings(given);
  const settings = withoutCommon(given);
  await kind.prepare?.(settings);
  const storage = await kind.open(settings);
  const known = await readMarker(storage, signal);
  if (known !== undefined) return known;
  const id = randomUUID();
  await createMarker(storage, id, signal);
  return id;
}
