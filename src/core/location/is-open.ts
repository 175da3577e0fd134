import type { LocationRecord } from "../model/location.ts";
import { isWithin, parseHours } from "../transfer/hours.ts";

/**
 * Whether deliveries to a location may begin by themselves at a moment, by its setting `hours`. Hours that cannot be read
 * keep nothing back.
 */
export function isOpen({ settings }: Pick<LocationRecord, "settings">, now: number): boolean {
  const { hours } = settings;
  if (typeof hours !== "string" || hours === "") return true;
  try {
    return isWithin(parseHours(hours), now);
  } catch {
    // They were checked when they were set; a backup that never leaves would be the worse mistake.
    return true;
  }
}
