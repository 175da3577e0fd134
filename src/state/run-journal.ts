import type { Run } from "#core/model/run.ts";
import type { RunDecision, RunJournal } from "#jobs/run-journal-port.ts";
import type { State } from "./open-state.ts";
import { readRuns, writeRun } from "./run-rows.ts";

/** So many runs of a home are remembered after their end. */
const keptRuns = 200;

/** The journal of runs in the state file. */
export class StateRunJournal implements RunJournal {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  async list(home: string): Promise<readonly Run[]> {
    const all = { where: "home = ?", values: [home], order: "created DESC, id DESC" } as const;
    return this.#state.run((database) => readRuns(database, all));
  }

  async open(home: string): Promise<readonly Run[]> {
    return this.#state.run((database) => readRuns(database, openRunsOf(home)));
  }

  async endedSince(home: string, time: number): Promise<readonly Run[]> {
    const late = { where: "home = ? AND ended >= ?", values: [home, time] } as const;
    return this.#state.run((database) => readRuns(database, { ...late, order: "created, id" }));
  }

  async change(home: string, id: string, decide: RunDecision): Promise<void> {
    this.#state.transact((database) => {
      const one = {
        where: "home = ? AND id = ?",
        values: [home, id],
        order: "created, id",
      } as const;
      const [stored] = readRuns(database, one);
      const next = decide(stored, readRuns(database, openRunsOf(home)));
      if (next === undefined) return;
      writeRun(database, next);
      if (stored !== undefined && next.ended === undefined) return;
      database
        .prepare(
          `DELETE FROM run WHERE home = ?1 AND ended IS NOT NULL AND id NOT IN (
             SELECT id FROM run WHERE home = ?1 AND ended IS NOT NULL
             ORDER BY created DESC, id DESC LIMIT ?2)`,
        )
        .run(home, keptRuns);
    });
  }
}

function openRunsOf(home: string) {
  const where = "home = ? AND ended IS NULL";
  return { where, values: [home], order: "created, id" } as const;
}
