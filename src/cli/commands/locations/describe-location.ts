import type { DescribedLocation } from "#jobs/locations/location-set-up.ts";
import { formatTable, printable } from "../../output/table.ts";

/** Locations as a table; the default one is marked. */
export function formatLocations(locations: readonly DescribedLocation[]): string {
  return formatTable(
    [
      { title: "ID" },
      { title: "NAME" },
      { title: "KIND" },
      { title: "WHERE" },
      { title: "DEFAULT" },
    ],
    locations.map(({ id, name, kind, where, isDefault }) => [
      id,
      name,
      kind,
      where,
      isDefault ? "yes" : "",
    ]),
  );
}

/** A location in a sentence: `Location nas "NAS" at /mnt/nas`. */
export function locationText({ id, name, where }: DescribedLocation): string {
  return `Location ${id} "${printable(name)}" at ${printable(where)}`;
}
