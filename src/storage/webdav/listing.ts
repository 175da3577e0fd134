import { StorageError } from "../errors.ts";
import { checkPrefix } from "../key.ts";
import type { StoredObject } from "../provider.ts";
import { translating } from "./errors.ts";
import type { WebdavPlace } from "./place.ts";
import { objectOf } from "./resource.ts";
import { isTemporaryName } from "./temporary-name.ts";
import { wait } from "./wait.ts";

/** Pauses before a listing of which nothing has come yet is asked for again, in milliseconds. */
const pausesMs = [500, 1500] as const;

/** Objects that a prefix stands for, in pages as they come. No layer repeats a listing, so its beginning is repeated here. */
export async function* listObjects(
  place: WebdavPlace,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredObject[], void, undefined> {
  checkPrefix(prefix);
  signal.throwIfAborted();
  for (let attempt = 0; ; attempt += 1) {
    let hasBegun = false;
    try {
      for await (const page of pagesOf(place, prefix, signal)) {
        hasBegun = true;
        yield page;
      }
      return;
    } catch (error) {
      const pauseMs = pausesMs[attempt];
      if (hasBegun || pauseMs === undefined || !mayPass(error)) throw error;
      await wait(pauseMs, signal);
    }
  }
}

/** A folder that is not there has no cause behind it, and will not come back meanwhile. */
function mayPass(error: unknown): boolean {
  return error instanceof StorageError && error.worthRetrying && error.cause !== undefined;
}

async function* pagesOf(
  place: WebdavPlace,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredObject[], void, undefined> {
  const slash = prefix.lastIndexOf("/") + 1;
  const folder = prefix.slice(0, slash);
  const namePrefix = prefix.slice(slash);
  const pages = place.lyingIn(folder, signal);
  try {
    for (;;) {
      const page = await translating(place.doing(), signal, () => pages.next());
      if (page.done === true) return;
      const objects = page.value
        .filter(({ name }) => name.startsWith(namePrefix) && !isTemporaryName(name))
        .map(({ name, entry }) => objectOf(folder + name, entry));
      if (objects.length > 0) yield objects;
    }
  } finally {
    await pages.return();
  }
}
