import type { DatabaseSync } from "node:sqlite";
import type { Arrival } from "#core/arrivals/arrival.ts";
import type { ArrivalStore } from "#jobs/arrival-store-port.ts";
import type { State } from "./open-state.ts";

/**
 * What arrived at locations, in the state file. If that is begun anew, what is there then counts as known: at worst
 * something is not delivered on, and nothing is twice.
 */
export class StateArrivals implements ArrivalStore {
  readonly #state: State;
  readonly #home: string;

  /** @param home id of the home */
  constructor(state: State, home: string) {
    this.#state = state;
    this.#home = home;
  }

  async read(location: string): Promise<ReadonlyMap<string, Arrival> | undefined> {
    return this.#state.run((database) => this.#read(database, location));
  }

  async decide(
    location: string,
    look: Parameters<ArrivalStore["decide"]>[1],
  ): Promise<ReadonlyMap<string, Arrival>> {
    return this.#state.transact((database) => {
      const before = this.#read(database, location);
      const arrivals = look(before);
      // So that a place without any archive is one that was looked at, too.
      if (before === undefined)
        this.#insert(database, location, { file: lookedRow, content: "{}" });
      for (const file of before?.keys() ?? [])
        if (!arrivals.has(file)) this.#forget(database, location, file);
      // There may be thousands, and a look every minute: what stays as it was is not written again.
      for (const arrival of arrivals.values())
        if (before?.get(arrival.file) !== arrival)
          this.#insert(database, location, {
            file: arrival.file,
            content: JSON.stringify(arrival),
          });
      return arrivals;
    });
  }

  async change(location: string, arrival: Arrival): Promise<void> {
    this.#state.transact((database) => {
      const row = database
        .prepare(`SELECT content FROM arrival WHERE home = ? AND location = ? AND file = ?`)
        .get(this.#home, location, arrival.file);
      if (row === undefined) return;
      if (arrivalIn(String(row["content"])).version !== arrival.version) return;
      this.#insert(database, location, { file: arrival.file, content: JSON.stringify(arrival) });
    });
  }

  #read(database: DatabaseSync, location: string): ReadonlyMap<string, Arrival> | undefined {
    const rows = database
      .prepare(`SELECT file, content FROM arrival WHERE home = ? AND location = ?`)
      .all(this.#home, location);
    if (rows.length === 0) return undefined;
    const arrivals = rows
      .filter(({ file }) => file !== lookedRow)
      .map(({ content }) => arrivalIn(String(content)));
    return new Map(arrivals.map((arrival) => [arrival.file, arrival]));
  }

  #forget(database: DatabaseSync, location: string, file: string): void {
    database
      .prepare(`DELETE FROM arrival WHERE home = ? AND location = ? AND file = ?`)
      .run(this.#home, location, file);
  }

  #insert(
    database: DatabaseSync,
    location: string,
    { file, content }: { readonly file: string; readonly content: string },
  ): void {
    database
      .prepare(`INSERT OR REPLACE INTO arrival VALUES (?, ?, ?, ?)`)
      .run(this.#home, location, file, content);
  }
}

/** No file is called so. */
const lookedRow = "";

/** Only this class writes the table. What is undefined is absent in JSON. */
function arrivalIn(content: string): Arrival {
  const arrival = JSON.parse(content) as Omit<Arrival, "message"> & Partial<Arrival>;
  return { ...arrival, message: arrival.message };
}
