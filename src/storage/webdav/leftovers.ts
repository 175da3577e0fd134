import type { Leftover } from "../provider.ts";
import { Refusal } from "./answer.ts";
import type { Nextcloud } from "./nextcloud.ts";
import { isLocked, type WebdavPlace } from "./place.ts";
import { objectOf, objectProperties, pathOfEntry } from "./resource.ts";
import { forsakenAfterMs, isLeftover, isTemporaryName } from "./temporary-name.ts";

/** Removes unfinished objects that nobody will finish, and uploads in chunks that nobody has added to for long. */
export async function removeLeftovers(
  place: WebdavPlace,
  nextcloud: Nextcloud | undefined,
  signal: AbortSignal,
): Promise<readonly Leftover[]> {
  const left: Leftover[] = [];
  await place.checkThere(signal);
  for (const folder of ["", ".safehouse/"]) {
    for await (const page of place.lyingIn(folder, signal)) {
      for (const { name, entry } of page) {
        if (!isTemporaryName(name) || !isLeftover(name, place.silence(entry))) continue;
        left.push({ key: folder + name, size: objectOf(name, entry).size });
      }
    }
  }
  const removed: Leftover[] = [];
  for (const leftover of left) {
    const path = place.pathBeside(leftover.key, leftover.key.split("/").at(-1));
    try {
      if (await place.client.delete(path, signal)) removed.push(leftover);
    } catch (error) {
      // Then somebody is at work with it.
      if (!isLocked(error)) throw error;
    }
  }
  if (nextcloud !== undefined) await removeUploads(place, nextcloud, signal);
  return removed;
}

/** Uploads of ours; the server drops them after a day too, if its background jobs run. */
async function removeUploads(
  place: WebdavPlace,
  nextcloud: Nextcloud,
  signal: AbortSignal,
): Promise<void> {
  const { client } = place;
  const names: string[] = [];
  try {
    const path = await nextcloud.uploads([], signal);
    const question = { path: `${path}/`, depth: 1, names: objectProperties } as const;
    for await (const entries of client.properties(question, signal)) {
      for (const entry of entries) {
        const name = pathOfEntry(entry).at(-1) ?? "";
        if (!/^safehouse-[0-9a-f]{32}$/.test(name)) continue;
        if (place.silence(entry) > forsakenAfterMs) names.push(name);
      }
    }
  } catch (error) {
    // No upload was ever made, or the server has none.
    const hasNone = error instanceof Refusal && [403, 404, 405, 410, 501].includes(error.status);
    if (hasNone) return;
    throw error;
  }
  for (const name of names) await client.delete(await nextcloud.uploads([name], signal), signal);
}
