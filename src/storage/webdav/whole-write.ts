import type { StoredObject } from "../provider.ts";
import { translating } from "./errors.ts";
import type { WebdavPlace } from "./place.ts";
import { dropTemporary, putOf } from "./plain-writer.ts";
import { checkSize, publish } from "./publish.ts";
import { release, takeTemporaryName } from "./temporary-name.ts";

export interface WholeObject {
  readonly key: string;
  readonly overwrite: boolean;
  readonly bytes: Uint8Array;
}

/** Stores an object whose bytes are all at hand: under a temporary name first, as any server can do it. */
export async function writeWhole(
  place: WebdavPlace,
  { key, overwrite, bytes }: WholeObject,
  signal: AbortSignal,
): Promise<StoredObject> {
  const temporary = takeTemporaryName();
  const from = place.pathBeside(key, temporary);
  try {
    await put(place, { key, path: from, bytes }, signal);
    const stored = await publish(place, { key, from, overwrite, size: bytes.length }, signal);
    release(temporary);
    return stored;
  } catch (error) {
    await dropTemporary(place, key, temporary);
    throw error;
  }
}

/**
 * Replaces an object in one request, at servers that keep the old bytes until all of the new ones are there. A MOVE
 * removes the old object first at most servers, so that for a moment there would be none.
 */
export async function replaceWhole(
  place: WebdavPlace,
  { key, bytes }: Omit<WholeObject, "overwrite">,
  signal: AbortSignal,
): Promise<StoredObject> {
  const path = place.pathOf(key);
  await put(place, { key, path, bytes }, signal);
  return translating(place.doing(key), signal, () =>
    checkSize(place, { key, path, size: bytes.length }, signal),
  );
}

async function put(
  place: WebdavPlace,
  { key, path, bytes }: { readonly key: string; readonly path: string; readonly bytes: Uint8Array },
  signal: AbortSignal,
): Promise<void> {
  const order = { ...putOf(path), body: bytes };
  await translating({ ...place.doing(key), sending: true }, signal, () =>
    place.inFolderOf(key, signal, () => place.client.call(order, [200, 201, 204], signal)),
  );
}
