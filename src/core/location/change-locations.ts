import { SafehouseError } from "../model/problem.ts";
import { firstLocation, type LocationList, type LocationRecord } from "../model/location.ts";
import { findLocation } from "./find-location.ts";

/**
 * Adds a location. Throws `already-exists` if its id is taken, or if its marker is that of another: the same
 * place under two names would count each backup twice.
 */
export function addLocation(list: LocationList, added: LocationRecord): LocationList {
  if (list.locations.some(({ id }) => id === added.id)) {
    throw new SafehouseError("already-exists", `There is a location ${added.id} already`, {
      subject: added.id,
      advice: "Choose another id, or change that one",
    });
  }
  refuseSamePlace(list, added);
  return { ...list, locations: [...list.locations, added] };
}

/** Puts a changed location in the place of the one with its id. Throws `not-found`, and as `addLocation`. */
export function replaceLocation(list: LocationList, changed: LocationRecord): LocationList {
  findLocation(list, changed.id);
  refuseSamePlace(list, changed);
  const locations = list.locations.map((known) => (known.id === changed.id ? changed : known));
  return { ...list, locations };
}

/**
 * Forgets a location; what lies there is not touched.
 * @param plans names of the plans that name it
 * @throws SafehouseError `not-found`; `usage` for the first location, the default one, and one that plans name
 */
export function removeLocation(
  list: LocationList,
  id: string,
  plans: readonly string[],
): LocationList {
  const { name } = findLocation(list, id);
  const refuse = (why: string, advice: string): never => {
    const message = `Location ${id} "${name}" cannot be removed: ${why}`;
    throw new SafehouseError("usage", message, { subject: id, advice });
  };
  if (id === firstLocation)
    refuse(
      "there is always one to back up to",
      "Change where it lies, or make another the default",
    );
  if (id === list.defaultId) refuse("it is the default one", "Make another location the default");
  if (plans.length > 0) {
    const which = plans.length === 1 ? `plan ${plans[0]} names` : `plans ${plans.join(", ")} name`;
    refuse(`${which} it`, "Take it out of the plans first");
  }
  return { ...list, locations: list.locations.filter((known) => known.id !== id) };
}

/** Makes a location the one that backups go to where none is named. Throws `not-found`. */
export function useAsDefault(list: LocationList, id: string): LocationList {
  return { ...list, defaultId: findLocation(list, id).id };
}

function refuseSamePlace({ locations }: LocationList, { id, marker }: LocationRecord): void {
  if (marker === undefined) return;
  const twin = locations.find((known) => known.marker === marker && known.id !== id);
  if (twin === undefined) return;
  throw new SafehouseError(
    "already-exists",
    `That place is location ${twin.id} "${twin.name}" already`,
    { subject: twin.id, advice: "Give each location a place of its own" },
  );
}
