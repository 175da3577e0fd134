import { archiveFactsVersion } from "#location/archive-facts.ts";
import type {
  Catalogue,
  CatalogueChange,
  CatalogueEntry,
  Inspection,
  Place,
} from "#location/catalogue-port.ts";
import type { State } from "./open-state.ts";

/** The catalogue in the state file: one row for each archive of each location. */
export class StateCatalogue implements Catalogue {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  async entries(place: Place): Promise<ReadonlyMap<string, CatalogueEntry>> {
    const rows = this.#state.run((database) => {
      const select = database.prepare(
        `SELECT key, object_version, inspection FROM archive
         WHERE home = ? AND location = ? AND facts_version = ?`,
      );
      // Rows as arrays take two thirds of the time, which thousands of them make felt.
      select.setReturnArrays(true);
      const found: unknown = select.all(place.home, place.location, archiveFactsVersion);
      // Three columns are asked for, and all are TEXT NOT NULL of a STRICT table.
      return found as readonly (readonly [key: string, version: string, inspection: string])[];
    });
    const entries = new Map<string, CatalogueEntry>();
    for (const [key, version, text] of rows) {
      // Only `update` writes the column, from the same type and under the same version.
      entries.set(key, { key, version, inspection: JSON.parse(text) as Inspection });
    }
    return entries;
  }

  async update(place: Place, change: CatalogueChange): Promise<void> {
    const { home, location } = place;
    this.#state.transact((database) => {
      const save = database.prepare(`INSERT OR REPLACE INTO archive VALUES (?, ?, ?, ?, ?, ?)`);
      for (const { key, version, inspection } of change.save) {
        const text = JSON.stringify(inspection);
        save.run(home, location, key, version, archiveFactsVersion, text);
      }
      const forget = database.prepare(
        `DELETE FROM archive WHERE home = ? AND location = ? AND key = ?`,
      );
      for (const key of change.forget) forget.run(home, location, key);
    });
  }
}
