import { localLocation, type LocationName } from "#api/supervisor/location-name.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { isFolderPath } from "../../locations/is-folder-path.ts";
import { locationNamed, type NamedLocation } from "./named-locations.ts";

/** How an operation is told of one location: the default one need not be named, and may be any folder. */
export function operationLocation({ name, id }: NamedLocation): { readonly location?: string } {
  return name === localLocation ? {} : { location: id };
}

/**
 * How an operation is told of several locations. The default one alone is not named. Throws `not-found`, and
 * `unsupported` for others beside a default one that is no location of the home but a folder that was only named.
 */
export function locationIds(
  all: readonly NamedLocation[],
  names: readonly LocationName[],
): readonly string[] {
  if (names.length === 1 && names[0] === localLocation) return [];
  const ids = names.map((name) => locationNamed(all, name).id);
  const folder = ids.find(isFolderPath);
  if (folder === undefined) return ids;
  throw new SafehouseError("unsupported", `${folder} is no location that others can stand beside`, {
    subject: folder,
    advice: `Make it one with: safehouse locations add ID --path ${folder}`,
  });
}
