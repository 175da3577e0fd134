import { OfficialError } from "../http/official-error.ts";
import { cloudLocation, localLocation, type LocationName } from "../location-name.ts";
import type { SupervisorHome } from "../supervisor-home.ts";

/** At least one location. */
export type Locations = readonly [LocationName, ...LocationName[]];

/** Throws in official words if a location is Home Assistant's alone. */
export function refuseCloud(locations: readonly LocationName[]): void {
  if (!locations.includes(cloudLocation)) return;
  throw new OfficialError(`Location ${cloudLocation} is only available for Home Assistant`, {
    status: 403,
  });
}

/** The locations that a request names, if there are such. Rejects in official words. */
export async function checkLocations(
  { backups }: SupervisorHome,
  [first, ...others]: readonly LocationName[],
): Promise<Locations> {
  if (first === undefined) throw new OfficialError("No location is named");
  const named: Locations = [first, ...others];
  refuseCloud(named);
  const known = await backups.locations();
  const unknown = named.find((name) => !known.includes(name));
  if (unknown === undefined) return named;
  throw new OfficialError(`No mount exists with name '${unknown}'`, {
    status: 404,
    key: "mount_not_found_error",
    fields: { mount: unknown },
  });
}

/** Where a backup goes that names no location: the default backup mount, else the local one. */
export async function defaultLocation({ mounts }: SupervisorHome): Promise<LocationName> {
  return (await mounts.list()).defaultMount ?? localLocation;
}

/** Those of them that may be down. */
export function mountsAmong(locations: readonly LocationName[]): readonly string[] {
  return locations.filter((name) => name !== localLocation);
}
