import type { HomeContext } from "#operations/home-context.ts";

/** A place that takes longer to tell its room is not waited for. */
const momentInMs = 2000;

/** Room at the default location, in bytes; undefined where it does not tell, or not at once. */
export async function freeBytesAt({
  services,
  place,
  signal,
}: HomeContext): Promise<number | undefined> {
  await using open = await services.openLocations(place);
  const id = open.chosen ?? (await open.locations.default());
  const location = await open.locations.look(id);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(momentInMs)]);
  try {
    return await location.freeSpace(limit);
  } catch {
    // How much room there is, is never worth failing for.
    signal.throwIfAborted();
    return undefined;
  }
}
