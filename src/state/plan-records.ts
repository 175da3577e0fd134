import type { DatabaseSync } from "node:sqlite";
import type { PlanRecord } from "#core/model/plan-record.ts";
import type { PlanRecords } from "#jobs/plan-records-port.ts";
import type { State } from "./open-state.ts";

/** The records of a home's plans in the state file. */
export class StatePlanRecords implements PlanRecords {
  readonly #state: State;
  readonly #home: string;

  /** @param home id of the home */
  constructor(state: State, home: string) {
    this.#state = state;
    this.#home = home;
  }

  async read(plan: string): Promise<PlanRecord | undefined> {
    return this.#state.run((database) => this.#read(database, plan));
  }

  async change(
    plan: string,
    decide: (stored: PlanRecord | undefined) => PlanRecord | undefined,
  ): Promise<void> {
    this.#state.transact((database) => {
      const next = decide(this.#read(database, plan));
      if (next === undefined) this.#forget(database, plan);
      else this.#write(database, plan, next);
    });
  }

  #read(database: DatabaseSync, plan: string): PlanRecord | undefined {
    const row = database
      .prepare(`SELECT * FROM plan WHERE home = ? AND id = ?`)
      .get(this.#home, plan);
    // Only `#write` writes the table, from the same type, and the schema has its constraints.
    return row === undefined ? undefined : recordOfRow(row as unknown as PlanRow);
  }

  #write(database: DatabaseSync, plan: string, record: PlanRecord): void {
    const { since, timing, lastRun, lastSuccess } = record;
    database
      .prepare(`INSERT OR REPLACE INTO plan VALUES (?, ?, ?, ?, ?, ?)`)
      .run(
        this.#home,
        plan,
        since,
        timing,
        lastSuccess ?? null,
        lastRun === undefined ? null : JSON.stringify(lastRun),
      );
  }

  #forget(database: DatabaseSync, plan: string): void {
    database.prepare(`DELETE FROM plan WHERE home = ? AND id = ?`).run(this.#home, plan);
  }
}

interface PlanRow {
  readonly since: number;
  readonly timing: string;
  readonly last_success: number | null;
  readonly last_run: string | null;
}

function recordOfRow({ since, timing, last_success, last_run }: PlanRow): PlanRecord {
  const lastSuccess = last_success ?? undefined;
  if (last_run === null) return { since, timing, lastRun: undefined, lastSuccess };
  const run = JSON.parse(last_run) as Omit<PlanRun, "endedAt" | "message"> & Partial<PlanRun>;
  // What is undefined is absent in JSON.
  const lastRun: PlanRun = { ...run, endedAt: run.endedAt, message: run.message };
  return { since, timing, lastRun, lastSuccess };
}

type PlanRun = NonNullable<PlanRecord["lastRun"]>;
