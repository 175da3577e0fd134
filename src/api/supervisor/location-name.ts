/**
 * Name of a location as the Supervisor's API has it: `.local` for the default one, else the name of a backup
 * mount or of another location of ours.
 */
export type LocationName = string;

/** The default location. In answers it also is `null`, in requests `null` and the empty text. */
export const localLocation: LocationName = ".local";

/** Home Assistant's own upload area of a Supervisor; there is none here. */
export const cloudLocation: LocationName = ".cloud_backup";

/** As requests write it. */
export function locationNameOf(value: string | null): LocationName {
  return value === null || value === "" ? localLocation : value;
}

/** As answers write it. */
export function locationValueOf(name: LocationName): string | null {
  return name === localLocation ? null : name;
}

/** The default location first, then by name: the order in which official software prefers them. */
export function compareLocations(a: LocationName, b: LocationName): number {
  if (a === b) return 0;
  if (a === localLocation) return -1;
  return b === localLocation || a > b ? 1 : -1;
}
