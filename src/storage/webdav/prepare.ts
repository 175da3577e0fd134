import { StorageError } from "../errors.ts";
import { translating } from "./errors.ts";
import { WebdavPlace } from "./place.ts";
import type { WebdavSettings } from "./settings.ts";

/** Nobody cancels a set-up, and no other layer watches it. */
const patienceMs = 120_000;

/** At set-up: makes the folder of a location, and those above it, as far as they are missing. */
export async function prepareWebdav(settings: WebdavSettings): Promise<void> {
  const place = new WebdavPlace(settings);
  const gaveUp = new StorageError("unreachable", `${place.client.host} does not answer`);
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(gaveUp), patienceMs);
  try {
    await translating(place.doing(), patience.signal, () => place.makePlace(patience.signal));
  } finally {
    clearTimeout(timer);
  }
}
