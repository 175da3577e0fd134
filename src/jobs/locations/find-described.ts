import { SafehouseError } from "#core/model/problem.ts";
import type { DescribedLocation } from "./location-set-up.ts";

/** The location of that id. Throws `not-found`. */
export function findDescribed(
  locations: readonly DescribedLocation[],
  id: string,
): DescribedLocation {
  const found = locations.find((location) => location.id === id);
  if (found !== undefined) return found;
  const ids = locations.map((location) => location.id).join(", ");
  throw new SafehouseError("not-found", `There is no location ${id}`, {
    subject: id,
    advice: `There are ${ids}`,
  });
}
