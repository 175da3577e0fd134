import type { Run, RunBackup, StepKind } from "../model/run.ts";
import { newRun, type RunRequest } from "./new-run.ts";

/** What work that is a single step is about. */
export interface RunAloneRequest extends Pick<RunRequest, "home" | "id" | "owner" | "created"> {
  /** Id of the location. */
  readonly location: string;
  readonly backup: RunBackup | undefined;
}

/** A run of one step, which a person asked for. */
export function newRunAlone(kind: StepKind, request: RunAloneRequest): Run {
  const { location, backup, ...rest } = request;
  const trigger = { kind: "manual" } as const;
  const run = newRun({
    ...rest,
    trigger,
    makeAt: location,
    deliverTo: [],
    verify: false,
    pruneAt: [],
  });
  return { ...run, backup, steps: run.steps.map((step) => ({ ...step, kind })) };
}
