import { StorageError } from "../errors.ts";
import type { StoredObject } from "../provider.ts";
import { Refusal } from "./answer.ts";
import { translating } from "./errors.ts";
import { isMissing, type WebdavPlace } from "./place.ts";
import { objectOf } from "./resource.ts";

export interface ToPublish {
  readonly key: string;
  /** Path of the whole object under its temporary name; or under its own, and then nothing is left to be done. */
  readonly from: string;
  readonly overwrite: boolean;
  /** Bytes that were sent. */
  readonly size: number;
}

/** Gives a whole object its name, when the server has all bytes of it. */
export async function publish(
  place: WebdavPlace,
  object: ToPublish,
  signal: AbortSignal,
): Promise<StoredObject> {
  const { key, from, overwrite, size } = object;
  return translating(place.doing(key), signal, async () => {
    const stored = await checkSize(place, { key, path: from, size }, signal);
    if (from === place.pathOf(key)) return stored;
    try {
      await place.client.move(from, { path: place.pathOf(key), overwrite }, signal);
    } catch (error) {
      signal.throwIfAborted();
      // The answer may have been lost on its way, or a proxy may not have waited for it.
      const isLost = !(error instanceof Refusal) || isMissing(error) || error.status >= 500;
      if (!isLost || !(await isMoved(place, object, signal))) throw error;
    }
    return checkSize(place, { key, path: place.pathOf(key), size }, signal);
  });
}

async function isMoved(
  place: WebdavPlace,
  { key, from, size }: ToPublish,
  signal: AbortSignal,
): Promise<boolean> {
  if ((await place.entryAt(from, signal)) !== undefined) return false;
  return (await place.find(key, signal))?.size === size;
}

/** The object at a path if it has that many bytes; else `damaged`. */
export async function checkSize(
  place: WebdavPlace,
  expected: { readonly key: string; readonly path: string; readonly size: number },
  signal: AbortSignal,
): Promise<StoredObject> {
  const { key, path, size } = expected;
  const entry = await place.entryAt(path, signal);
  const found = entry === undefined ? undefined : objectOf(key, entry);
  if (found?.size === size) return found;
  const has = found === undefined ? "nothing" : `${found.size} bytes`;
  const message = `${key} at ${place.client.host}: of ${size} bytes the server has kept ${has}; where that is nothing, it cannot take what has no length beforehand, and a folder in which such objects can wait helps (spool)`;
  throw new StorageError("damaged", message, {
    key,
    facts: { expectedBytes: size, actualBytes: found?.size ?? 0 },
  });
}
