import type { Place } from "#location/catalogue-port.ts";
import type { Uploads } from "#location/uploads-port.ts";
import type { State } from "./open-state.ts";

/** How unfinished uploads go on, in the state file. */
export class StateUploads implements Uploads {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  async read({ home, location }: Place, key: string): Promise<string | undefined> {
    const row = this.#state.run((database) =>
      database
        .prepare(`SELECT state FROM upload WHERE home = ? AND location = ? AND key = ?`)
        .get(home, location, key),
    );
    return row === undefined ? undefined : String(row["state"]);
  }

  async keep({ home, location }: Place, key: string, state: string): Promise<void> {
    this.#state.transact((database) => {
      database
        .prepare(`INSERT OR REPLACE INTO upload VALUES (?, ?, ?, ?)`)
        .run(home, location, key, state);
    });
  }

  async forget({ home, location }: Place, key: string): Promise<void> {
    this.#state.transact((database) => {
      database
        .prepare(`DELETE FROM upload WHERE home = ? AND location = ? AND key = ?`)
        .run(home, location, key);
    });
  }
}
