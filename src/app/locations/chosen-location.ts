import type { PlaceFlags } from "#operations/services.ts";

/** What was named for a location, an id or a path; undefined if nothing was. */
export function chosenLocation(
  { location }: PlaceFlags,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const named = location ?? env["SAFEHOUSE_LOCATION"];
  return named === "" ? undefined : named;
}
