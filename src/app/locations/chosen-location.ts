import { SafehouseError } from "#core/model/problem.ts";
import type { PlaceFlags } from "#operations/services.ts";

/** What was named for a location, an id or a path; undefined if nothing was. */
export function chosenLocation(
  { location }: PlaceFlags,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const named = location ?? env["SAFEHOUSE_LOCATION"];
  return named === "" ? undefined : named;
}

/** The error for a name where only the path of a folder can stand. */
export function noFolder(named: string): SafehouseError {
  return new SafehouseError("usage", `${named} is no path of a folder`, {
    subject: named,
    advice: `Write ./${named} for a folder here; to back up to location ${named} from now on, use: safehouse locations default ${named}`,
  });
}
