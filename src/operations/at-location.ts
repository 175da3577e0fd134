import type { PlaceFlags } from "#operations/services.ts";
import type { HomeContext } from "./home-context.ts";

/** The home with another location than its default one, if one is named. */
export function atLocation({ place }: HomeContext, location: string | undefined): PlaceFlags {
  return location === undefined ? place : { ...place, location };
}
