import type { HomeLocations } from "../locations/home-locations.ts";
import { rememberedCopies } from "../locations/remembered-copies.ts";
import type { LastBackupOf } from "../schedule/scheduler-tools.ts";

/** When the newest backup of a plan was made, as the catalogue knows it. No place is asked. */
export function lastBackupOf(
  locations: HomeLocations,
  installation: () => Promise<string>,
): LastBackupOf {
  return async ({ id }) => {
    const copies = await rememberedCopies(locations, await installation());
    const dates = [...copies.values()]
      .flat()
      .filter(({ owner, plan }) => owner === "this" && plan === id)
      .flatMap(({ date }) => date ?? []);
    return dates.length === 0 ? undefined : Math.max(...dates);
  };
}
