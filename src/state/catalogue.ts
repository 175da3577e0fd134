import { hash, randomUUID } from "node:crypto";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
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
  /** By their digests: copies of one backup have the same. */
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
    const entries = this.#readEntries(place);
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
           settled, facts_version, digest, inspection) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      );
      for (const { object, inspection, settled } of save) {
        const { key, version, size, modifiedAt } = object;
        const text = JSON.stringify(inspection);
        const digest = hash("sha256", text, "base64url");
        const known = [Number(settled), archiveFactsVersion, digest, text];
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

  #readEntries({ home, location }: Place): Entries {
    return this.#state.snapshot((database) => {
      const select = database.prepare(
        `SELECT key, object_version, size, modified_at, settled, digest FROM archive
         WHERE home = ? AND location = ? AND facts_version = ?`,
      );
      // Rows as arrays take two thirds of the time, which thousands of them make felt.
      select.setReturnArrays(true);
      const found: unknown = select.all(home, location, archiveFactsVersion);
      const inspect = this.#inspector(database);
      // These columns are asked for, none is NULL, and the table is STRICT.
      const entries = (found as readonly Row[]).map((row): [string, CatalogueEntry] => {
        const [key, version, size, modifiedAt, settled, digest] = row;
        const inspection = inspect(digest, home, location, key);
        const object = { key, version, size, modifiedAt };
        return [key, { object, inspection, settled: settled === 1 }];
      });
      return new Map(entries);
    });
  }

  /** Gives what a row holds, from memory if it is known. */
  #inspector(database: DatabaseSync): (digest: string, ...key: SQLInputValue[]) => Inspection {
    const select = database.prepare(
      `SELECT inspection FROM archive WHERE digest = ? AND home = ? AND location = ? AND key = ?`,
    );
    return (digest, ...key) => {
      const known = this.#parsed.get(digest);
      if (known !== undefined) return known;
      const text = String(select.get(digest, ...key)?.["inspection"]);
      if (this.#parsed.size >= mostParsed) this.#parsed.clear();
      // Only `update` writes the column, from the same type and under the same version.
      const inspection = JSON.parse(text) as Inspection;
      this.#parsed.set(digest, inspection);
      return inspection;
    };
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
  digest: string,
];
