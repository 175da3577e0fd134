import { randomUUID } from "node:crypto";
import { archiveFactsVersion } from "#location/archive-facts.ts";
import type {
  Catalogue,
  CatalogueChange,
  CatalogueEntry,
  Inspection,
  Place,
} from "#location/catalogue-port.ts";
import type { State } from "./open-state.ts";

type Entries = ReadonlyMap<string, CatalogueEntry>;

/**
 * The catalogue in the state file: one row for each archive of each location, and for notes on one. Rows that were
 * read are kept until somebody changes those of their place, in this process or in another: parsing thousands of
 * them takes longer than everything else that a list does.
 */
export class StateCatalogue implements Catalogue {
  readonly #state: State;
  readonly #read = new Map<string, { readonly stamp: string; readonly entries: Entries }>();
  /** By their text: copies of one backup have the same. */
  readonly #parsed = new Map<string, Inspection>();

  constructor(state: State) {
    this.#state = state;
  }

  async entries(place: Place): Promise<Entries> {
    const name = JSON.stringify([place.home, place.location]);
    // Asked for before the rows: a change that comes in between is then seen twice instead of never.
    const stamp = this.#placeRow(place)?.["stamp"];
    if (typeof stamp !== "string") return new Map();
    const read = this.#read.get(name);
    if (read?.stamp === stamp) return read.entries;
    const entries = new Map(this.#rows(place).map((row) => [row[0], this.#entryOf(row)]));
    this.#read.set(name, { stamp, entries });
    return entries;
  }

  async lastLook(place: Place): Promise<number | undefined> {
    const lookedAt = this.#placeRow(place)?.["looked_at"];
    return typeof lookedAt === "number" ? lookedAt : undefined;
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
      const same = save.length === 0 && forget.length === 0;
      database
        .prepare(
          `INSERT INTO place (home, location, looked_at, stamp) VALUES (?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET looked_at = coalesce(excluded.looked_at, looked_at),
             stamp = ${same ? "stamp" : "excluded.stamp"}`,
        )
        .run(home, location, lookedAt === undefined ? null : Math.floor(lookedAt), randomUUID());
    });
  }

  #placeRow({ home, location }: Place): Readonly<Record<string, unknown>> | undefined {
    return this.#state.run((database) =>
      database
        .prepare(`SELECT looked_at, stamp FROM place WHERE home = ? AND location = ?`)
        .get(home, location),
    );
  }

  #rows({ home, location }: Place): readonly Row[] {
    return this.#state.run((database) => {
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
  }

  #entryOf([key, version, size, modifiedAt, settled, text]: Row): CatalogueEntry {
    const inspection = this.#parse(text);
    return { object: { key, version, size, modifiedAt }, inspection, settled: settled === 1 };
  }

  #parse(text: string): Inspection {
    const known = this.#parsed.get(text);
    if (known !== undefined) return known;
    if (this.#parsed.size >= mostParsed) this.#parsed.clear();
    // Only `update` writes the column, from the same type and under the same version.
    const inspection = JSON.parse(text) as Inspection;
    this.#parsed.set(text, inspection);
    return inspection;
  }
}

/** What was replaced since stays until then. */
const mostParsed = 20_000;

type Row = readonly [
  key: string,
  version: string,
  size: number,
  modifiedAt: number,
  settled: number,
  inspection: string,
];
