import type { Catalogue, Place } from "./catalogue-port.ts";

/**
 * Believes nothing that is remembered of the archives at a place, so that the next list reads all of them. It is
 * remembered until then: a place that is away loses none of its backups by it.
 */
export async function doubtPlace(catalogue: Catalogue, place: Place): Promise<void> {
  const known = Array.from((await catalogue.entries(place)).values());
  const save = known.map((entry) => ({ ...entry, settled: false }));
  await catalogue.update(place, { save, forget: [] });
}
