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
    const rows = this.#state.run((database) =>
      database
        .prepare(
          `SELECT key, object_version, inspection FROM archive
           WHERE home = ? AND location = ? AND facts_version = ?`,
        )
        .all(place.home, place.location, archiveFactsVersion),
    );
    const entries = new Map<string, CatalogueEntry>();
    for (const row of rows) {
      const key = String(row["key"]);
      // Only `update` writes the column, from the same type and under the same version.
      const inspection = JSON.parse(String(row["inspection"])) as Inspection;
      entries.set(key, { key, version: String(row["object_version"]), inspection });
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
