import { translating } from "./errors.ts";
import { WebdavPlace } from "./place.ts";
import type { WebdavSettings } from "./settings.ts";

/** At set-up: makes the folder of a location, and those above it, as far as they are missing. */
export async function prepareWebdav(settings: WebdavSettings): Promise<void> {
  const place = new WebdavPlace(settings);
  // Nobody cancels a set-up; a server that is silent is given up here, where no other layer watches.
  const signal = AbortSignal.timeout(120_000);
  await translating(place.doing(), signal, () => place.makePlace(signal));
}
