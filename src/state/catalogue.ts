import { archiveFactsVersion } from "#location/archive-facts.ts";
import type {
  Catalogue,
  CatalogueChange,
  CatalogueEntry,
  Inspection,
  Place,
} from "#location/catalogue-port.ts";
import type { State } from "./open-state.ts";

/** The catalogue in the state file: one row for each archive of each location, and for notes on one. */
export class StateCatalogue implements Catalogue {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  async entries({ home, location }: Place): Promise<ReadonlyMap<string, CatalogueEntry>> {
    const rows = this.#state.run((database) => {
      const select = database.prepare(
        `SELECT key, object_version, size, modified_at, settled, inspection FROM archive
         WHERE home = ? AND location = ? AND facts_version = ?`,
      );
      // Rows as arrays take two thirds of the time, which thousands of them make felt.
      select.setReturnArrays(true);
      const found: unknown = select.all(home, location, archiveFactsVersion);
      // These columns are asked for, none is NULL, and the table is STRICT.
      return found as readonly Row[];
    });
    return new Map(rows.map((row) => [row[0], entryOf(row)]));
  }

  async lastLook({ home, location }: Place): Promise<number | undefined> {
    const row = this.#state.run((database) =>
      database
        .prepare(`SELECT looked_at FROM look WHERE home = ? AND location = ?`)
        .get(home, location),
    );
    return row === undefined ? undefined : Number(row["looked_at"]);
  }

  async update({ home, location }: Place, change: CatalogueChange): Promise<void> {
    const { save, forget, lookedAt } = change;
    this.#state.transact((database) => {
      const insert = database.prepare(
        `INSERT OR REPLACE INTO archive (home, location, key, object_version, size, modified_at,
           settled, facts_version, inspection) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      );
      for (const { object, inspection, settled } of save) {
        const { key, version, size, modifiedAt } = object;
        const known = [Number(settled), archiveFactsVersion, JSON.stringify(inspection)];
        insert.run(home, location, key, version, size, modifiedAt, ...known);
      }
      const remove = database.prepare(
        `DELETE FROM archive WHERE home = ? AND location = ? AND key = ?`,
      );
      for (const key of forget) remove.run(home, location, key);
      if (lookedAt === undefined) return;
      database
        .prepare(`INSERT OR REPLACE INTO look (home, location, looked_at) VALUES (?, ?, ?)`)
        .run(home, location, Math.floor(lookedAt));
    });
  }
}

type Row = readonly [
  key: string,
  version: string,
  size: number,
  modifiedAt: number,
  settled: number,
  inspection: string,
];

function entryOf([key, version, size, modifiedAt, settled, text]: Row): CatalogueEntry {
  return {
    object: { key, version, size, modifiedAt },
    settled: settled === 1,
    // Only `update` writes the column, from the same type and under the same version.
    inspection: JSON.parse(text) as Inspection,
  };
}
