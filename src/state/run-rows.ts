import type { DatabaseSync } from "node:sqlite";
import type { Run, Step } from "#core/model/run.ts";

/** A condition on rows of `run`, and what its question marks stand for. */
export interface RunFilter {
  readonly where: string;
  readonly values: readonly (string | number)[];
  readonly order: "created, id" | "created DESC, id DESC";
}

/** Runs with their steps. */
export function readRuns(database: DatabaseSync, { where, values, order }: RunFilter): Run[] {
  const rows = database
    .prepare(`SELECT * FROM run WHERE ${where} ORDER BY ${order}`)
    .all(...values);
  const select = database.prepare(`SELECT * FROM step WHERE home = ? AND run = ? ORDER BY number`);
  // Only `writeRun` writes these tables, from the same types, and the schema has their constraints.
  return (rows as unknown as readonly RunRow[]).map((row) =>
    runOf(row, select.all(row.home, row.id) as unknown as readonly StepRow[]),
  );
}

/** Adds a run or brings it up to date; its steps never become fewer. */
export function writeRun(database: DatabaseSync, run: Run): void {
  const { home, id, created, ended, beat, cancelAsked, trigger, owner, backup } = run;
  const save = database.prepare(
    `INSERT INTO run VALUES (:home, :id, :created, :ended, :beat, :asked, :reason, :owner, :backup)
     ON CONFLICT DO UPDATE SET ended = excluded.ended, beat = excluded.beat,
       cancel_asked = excluded.cancel_asked, owner = excluded.owner, backup = excluded.backup`,
  );
  save.run({
    home,
    id,
    created,
    ended: ended ?? null,
    beat,
    asked: cancelAsked ?? null,
    reason: JSON.stringify(trigger),
    owner: JSON.stringify(owner),
    backup: json(backup),
  });
  for (const [number, step] of run.steps.entries()) writeStep(database, { run, number, step });
}

interface StepOfRun {
  readonly run: Run;
  readonly number: number;
  readonly step: Step;
}

function writeStep(database: DatabaseSync, { run, number, step }: StepOfRun): void {
  const { kind, location, state, attempts, started, ended, retryAt } = step;
  const save = database.prepare(
    `INSERT OR REPLACE INTO step VALUES (:home, :run, :number, :kind, :location, :state, :attempts,
       :started, :ended, :retryAt, :progress, :error, :log)`,
  );
  save.run({
    home: run.home,
    run: run.id,
    number,
    kind,
    location,
    state,
    attempts,
    started: started ?? null,
    ended: ended ?? null,
    retryAt: retryAt ?? null,
    progress: json(step.progress),
    error: json(step.error),
    log: JSON.stringify(step.log),
  });
}

interface RunRow {
  readonly home: string;
  readonly id: string;
  readonly created: number;
  readonly ended: number | null;
  readonly beat: number;
  readonly cancel_asked: number | null;
  readonly reason: string;
  readonly owner: string;
  readonly backup: string | null;
}

interface StepRow {
  readonly kind: Step["kind"];
  readonly location: string;
  readonly state: Step["state"];
  readonly attempts: number;
  readonly started: number | null;
  readonly ended: number | null;
  readonly retry_at: number | null;
  readonly progress: string | null;
  readonly error: string | null;
  readonly log: string;
}

function runOf(row: RunRow, steps: readonly StepRow[]): Run {
  const { pid, start, boot, space } = JSON.parse(row.owner) as Partial<Run["owner"]>;
  return {
    home: row.home,
    id: row.id,
    trigger: JSON.parse(row.reason) as Run["trigger"],
    created: row.created,
    ended: row.ended ?? undefined,
    // What the system does not tell is absent in JSON.
    owner: { pid: pid ?? 0, start, boot, space },
    beat: row.beat,
    cancelAsked: row.cancel_asked ?? undefined,
    backup: parsed<NonNullable<Run["backup"]>>(row.backup),
    steps: steps.map(stepOf),
  };
}

function stepOf(row: StepRow): Step {
  return {
    kind: row.kind,
    location: row.location,
    state: row.state,
    attempts: row.attempts,
    started: row.started ?? undefined,
    ended: row.ended ?? undefined,
    retryAt: row.retry_at ?? undefined,
    progress: parsed<NonNullable<Step["progress"]>>(row.progress),
    error: parsed<NonNullable<Step["error"]>>(row.error),
    log: JSON.parse(row.log) as Step["log"],
  };
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function parsed<Value>(text: string | null): Value | undefined {
  return text === null ? undefined : (JSON.parse(text) as Value);
}
