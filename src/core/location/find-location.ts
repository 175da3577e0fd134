import { SafehouseError } from "../model/problem.ts";
import type { LocationList, LocationRecord } from "../model/location.ts";
import { nearestName } from "../nearest-name.ts";

/** The location of that id. Throws `not-found`, with the nearest one as advice. */
export function findLocation({ locations }: LocationList, id: string): LocationRecord {
  const found = locations.find((location) => location.id === id);
  if (found !== undefined) return found;
  const ids = locations.map((location) => location.id);
  throw new SafehouseError("not-found", `There is no location ${id}`, {
    subject: id,
    advice: `Did you mean ${nearestName(id, ids)}? There are ${ids.join(", ")}; a folder is named by a path, such as ./${id}`,
  });
}
