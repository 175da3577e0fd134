import type { LocationDocument } from "#operations/locations/location-schema.ts";
import { formatTable, printable } from "../../output/table.ts";

/** Locations as a table; the default one is marked. */
export function formatLocations(locations: readonly LocationDocument[]): string {
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
export function locationText({
  id,
  name,
  where,
}: Pick<LocationDocument, "id" | "name" | "where">): string {
  return `Location ${id} "${printable(name)}" at ${printable(where)}`;
}
