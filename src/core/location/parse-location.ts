import { JsonFields, readText, refuse } from "../json-fields.ts";
import type { LocationRecord, LocationValues } from "../model/location.ts";
import { readId } from "../read-id.ts";

const fieldsOfLocation = ["id", "name", "kind", "settings", "secrets", "marker"];

/**
 * Reads a location from JSON of the same shape. Needed are `id` and `kind`; without a name it is called by its
 * id. Whether there is such a kind, and what settings it takes, is for the kind to say.
 * @param path where it stands, for messages
 * @throws SafehouseError `usage`, naming the field
 */
export function parseLocation(value: unknown, path: string): LocationRecord {
  const fields = new JsonFields(value, path, fieldsOfLocation);
  const id = fields.value("id", readId);
  return {
    id,
    name: fields.optional("name", readText) ?? id,
    kind: fields.text("kind"),
    settings: fields.optional("settings", readValues) ?? {},
    secrets: fields.optional("secrets", readTexts) ?? {},
    marker: fields.optional("marker", readText),
  };
}

/** The locations in the settings of a home; each id once. Throws as `parseLocation`. */
export function parseLocations(value: unknown): readonly LocationRecord[] {
  const locations = new JsonFields({ locations: value }, "settings", ["locations"]).list(
    "locations",
    parseLocation,
  );
  const ids = locations.map(({ id }) => id);
  const again = ids.findIndex((id, at) => ids.indexOf(id) < at);
  if (again >= 0) refuse(`settings.locations[${again}].id`, "another one than those before it");
  return locations;
}

function readValues(value: unknown, path: string): LocationValues {
  return Object.fromEntries(
    entriesOf(value, path).map(([name, content]) => {
      if (isPlain(content)) return [name, content];
      return refuse(`${path}.${name}`, "a text, a number, true or false");
    }),
  );
}

function readTexts(value: unknown, path: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entriesOf(value, path).map(([name, content]) => [name, readText(content, `${path}.${name}`)]),
  );
}

function entriesOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    refuse(path, "an object");
  return Object.entries(value);
}

function isPlain(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}
