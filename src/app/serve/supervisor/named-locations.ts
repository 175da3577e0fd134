import { localLocation, type LocationName } from "#api/supervisor/location-name.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { LocationRecord } from "#core/model/location.ts";
import type { OpenLocations } from "#operations/services.ts";

/** A location as the Supervisor's API calls it. */
export interface NamedLocation {
  readonly name: LocationName;
  /** Of a default one that was only named by its path: that path. */
  readonly id: string;
}

/**
 * The locations under the names that clients use, the default one first: it is `.local`, the others are called by
 * their names. One whose name is not its alone, or begins as those of Home Assistant do, is called by its id.
 */
export async function namedLocations({
  locations,
  chosen,
}: Pick<OpenLocations, "locations" | "chosen">): Promise<readonly NamedLocation[]> {
  const all = await locations.list();
  const first =
    chosen === undefined ? await locations.default() : (await locations.look(chosen)).id;
  const others = all.filter(({ id }) => id !== first);
  return [
    { name: localLocation, id: first },
    ...others.map((record) => ({ name: nameOf(record, others), id: record.id })),
  ];
}

/** Rejects with `not-found`: it may have been removed since the request was checked. */
export function locationNamed(all: readonly NamedLocation[], name: LocationName): NamedLocation {
  const found = all.find((location) => location.name === name);
  if (found !== undefined) return found;
  throw new SafehouseError("not-found", `There is no location ${name}`, { subject: name });
}

function nameOf({ id, name }: LocationRecord, all: readonly LocationRecord[]): LocationName {
  const isOwn = all.every((other) => other.id === id || (other.name !== name && other.id !== name));
  return isOwn && !name.startsWith(".") ? name : id;
}
