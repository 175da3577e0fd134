import type {
  Catalogue,
  CatalogueChange,
  CatalogueEntry,
  Place,
} from "#location/catalogue-port.ts";

/** A catalogue of any number of places that is gone with the test. */
export class MemoryCatalogue implements Catalogue {
  readonly #places = new Map<string, Map<string, CatalogueEntry>>();
  readonly #looks = new Map<string, number>();

  async entries(place: Place): Promise<ReadonlyMap<string, CatalogueEntry>> {
    return new Map(this.#places.get(nameOf(place)));
  }

  async lastLook(place: Place): Promise<number | undefined> {
    return this.#looks.get(nameOf(place));
  }

  async update(place: Place, { save, forget, lookedAt }: CatalogueChange): Promise<void> {
    const known = this.#places.get(nameOf(place)) ?? new Map<string, CatalogueEntry>();
    this.#places.set(nameOf(place), known);
    for (const entry of save) known.set(entry.object.key, entry);
    for (const key of forget) known.delete(key);
    if (lookedAt !== undefined) this.#looks.set(nameOf(place), lookedAt);
  }
}

function nameOf({ home, location }: Place): string {
  return JSON.stringify([home, location]);
}
