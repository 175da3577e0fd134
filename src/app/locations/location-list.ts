import { firstLocation, type LocationList, type LocationRecord } from "#core/model/location.ts";
import { findLocation } from "#core/location/find-location.ts";
import { parseLocations } from "#core/location/parse-location.ts";
import type { HomeSettings, SettingsChange } from "#state/settings.ts";
import { folderKind, folderSettings } from "#storage/catalog.ts";
import { parseStoredSettings } from "../stored-settings.ts";

const nameOfFirst = "Backup";

/**
 * The locations in the settings of a home. The first one lies in the folder that `init` saved, else in the
 * program's own; what else there is to it may be among the others. Throws `usage` for what is no location.
 * @param ownFolder where the first one lies if nothing was saved
 */
export function readLocationList(stored: HomeSettings, ownFolder: string): LocationList {
  const { paths, locationId } = parseStoredSettings(stored);
  const { locations, defaultLocation } = stored;
  const known = parseLocations(locations);
  const kept = known.find(({ id }) => id === firstLocation);
  const first: LocationRecord = {
    id: firstLocation,
    name: kept?.name ?? nameOfFirst,
    kind: folderKind,
    settings: { ...kept?.settings, ...folderSettings(paths["location"] ?? ownFolder) },
    secrets: {},
    marker: locationId,
  };
  return {
    locations: [first, ...known.filter(({ id }) => id !== firstLocation)],
    defaultId: typeof defaultLocation === "string" ? defaultLocation : firstLocation,
  };
}

/**
 * The settings that keep a list of locations. Where the first one lies is kept where `init` keeps it, so that
 * there is one truth about it.
 */
export function writeLocationList(
  stored: HomeSettings,
  list: LocationList,
  ownFolder: string,
): SettingsChange {
  const { paths } = parseStoredSettings(stored);
  const first = findLocation(list, firstLocation);
  const { path: location, ...settings } = first.settings;
  const isPlain = first.name === nameOfFirst && Object.keys(settings).length === 0;
  const { marker: locationId } = first;
  const kept: LocationRecord = { ...first, settings, marker: undefined };
  const others = list.locations.filter(({ id }) => id !== firstLocation);
  return {
    paths: location === ownFolder && locationId === undefined ? paths : { ...paths, location },
    locationId,
    locations: [...(isPlain ? [] : [kept]), ...others],
    defaultLocation: list.defaultId,
  };
}
