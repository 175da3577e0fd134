import type { FailedArrivals } from "#core/alerts/alert-facts.ts";
import type { ArrivalStore } from "../arrival-store-port.ts";
import type { InboxStore } from "../inbox-store-port.ts";
import type { HomeLocations } from "../locations/home-locations.ts";

/**
 * What others brought and what somebody has to look at, by location: what was set aside, and what does not get where it is
 * to be delivered. What lies at a location and is damaged is told of as every damaged copy is.
 */
export async function failedArrivals(
  locations: Pick<HomeLocations, "list">,
  { arrivals, inbox }: { readonly arrivals: ArrivalStore; readonly inbox: InboxStore },
): Promise<ReadonlyMap<string, FailedArrivals["failed"]>> {
  const failed = new Map<string, FailedArrivals["failed"][number][]>();
  const add = (location: string, file: string, message: string): void => {
    const known = failed.get(location) ?? [];
    failed.set(location, [...known, { file, message }]);
  };
  for (const record of await inbox.list())
    if (record.kind === "archive" && record.state.kind === "aside")
      add(record.location, record.path.at(-1) ?? "", record.state.message);
  const known = (await locations.list()).map(({ id }) => id);
  for (const location of new Set([...known, ...failed.keys()]))
    for (const { file, waiting, message } of (await arrivals.read(location))?.values() ?? [])
      if (waiting.length > 0 && message !== undefined) add(location, file, message);
  return failed;
}
