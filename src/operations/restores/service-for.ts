import type { ServiceOptions } from "#jobs/home.ts";
import type { HomeContext } from "../home-context.ts";

/**
 * How Home Assistant is kept away from its files: as the person at the terminal says, else as was saved when the
 * home was set up. What was saved is about the saved home; for another one that is named it does not count, nor
 * for whoever says that Home Assistant is stopped.
 */
export async function serviceFor(
  { services, place, person }: Pick<HomeContext, "services" | "place" | "person">,
  stopped: boolean,
): Promise<ServiceOptions> {
  const said = person?.service ?? {};
  const isOther = place.home !== undefined || place.config !== undefined;
  if (stopped || isOther || Object.keys(said).length > 0) return { ...said, stopped };
  return { ...(await services.readSettings(place)).service, stopped };
}
