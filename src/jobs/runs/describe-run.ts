import type { Run, RunBackup, RunTrigger, Step, StepError } from "#core/model/run.ts";
import type { Progress } from "#core/ports.ts";
import { percentDone } from "#core/run/percent-done.ts";
import { runState, type RunState } from "#core/run/run-state.ts";

/** A run as lists and `--json` show it. Dates are ISO date-times. */
export interface DescribedRun {
  readonly id: string;
  readonly trigger: RunTrigger;
  readonly state: RunState;
  readonly created: string;
  readonly ended: string | undefined;
  readonly cancelAsked: string | undefined;
  /** Of the process that carries it out, or did so last. */
  readonly pid: number;
  readonly backup: RunBackup | undefined;
  readonly steps: readonly DescribedStep[];
}

export interface DescribedStep extends Pick<Step, "kind" | "location" | "state" | "attempts"> {
  readonly started: string | undefined;
  readonly ended: string | undefined;
  readonly retryAt: string | undefined;
  readonly percent: number | undefined;
  readonly progress: Progress | undefined;
  readonly error: StepError | undefined;
  readonly log: readonly { readonly at: string; readonly text: string }[];
}

/** Everything about a run that people and programs are told. */
export function describeRun(run: Run): DescribedRun {
  const { id, trigger, backup, owner } = run;
  return {
    id,
    trigger,
    state: runState(run),
    created: toIso(run.created),
    ended: isoOf(run.ended),
    cancelAsked: isoOf(run.cancelAsked),
    pid: owner.pid,
    backup,
    steps: run.steps.map(describeStep),
  };
}

function describeStep(step: Step): DescribedStep {
  const { kind, location, state, attempts, progress, error } = step;
  return {
    kind,
    location,
    state,
    attempts,
    started: isoOf(step.started),
    ended: isoOf(step.ended),
    retryAt: isoOf(step.retryAt),
    percent: percentDone(step),
    progress,
    error,
    log: step.log.map(({ at, text }) => ({ at: toIso(at), text })),
  };
}

function isoOf(time: number | undefined): string | undefined {
  return time === undefined ? undefined : toIso(time);
}

function toIso(time: number): string {
  return new Date(time).toISOString();
}
