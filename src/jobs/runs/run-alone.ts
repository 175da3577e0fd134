import { SafehouseError } from "#core/model/problem.ts";
import type { Run, RunBackup, StepKind } from "#core/model/run.ts";
import type { ReportProgress } from "#core/ports.ts";
import { newRunAlone } from "#core/run/new-run-alone.ts";
import { runState } from "#core/run/run-state.ts";
import { executeRun } from "./execute-run.ts";
import type { RunTools } from "./run-tools.ts";
import { settleDeadRuns } from "./settle-dead-runs.ts";
import { retryOnce } from "./retry-policies.ts";
import { stepLimits } from "./step-limits.ts";
import type { StepContext } from "./step-handler.ts";

/** Work that is one step at one location, such as a restore. */
export interface WorkAlone<Result> {
  readonly kind: StepKind;
  /** Id of the location. */
  readonly location: string;
  /** The backup that it is about, as far as that is known beforehand. */
  readonly backup: RunBackup | undefined;
  /** Does it; tried once. */
  readonly work: (context: StepContext) => Promise<Result>;
  /** Told of progress besides the journal. */
  readonly report?: ReportProgress | undefined;
  /** Told when the run is in the journal. */
  readonly begun: (run: Run) => void;
  readonly signal: AbortSignal;
}

/**
 * Carries such work out as a run in the journal. Rejects with what the work rejected with, and with
 * `cancelled` if others have ended it.
 */
export async function runAlone<Result>(
  { kind, location, backup, work, report, begun, signal }: WorkAlone<Result>,
  tools: RunTools,
): Promise<Result> {
  const { journal, home, clock, processes, newId } = tools;
  await settleDeadRuns(tools);
  const request = { home, id: newId(), owner: processes.self, created: clock.now(), location };
  const run = newRunAlone(kind, { ...request, backup });
  await journal.change(home, run.id, () => run);
  begun(run);
  const results: { readonly value: Result }[] = [];
  const handler = async (context: StepContext): Promise<void> => {
    const told: ReportProgress = (progress) => {
      context.report(progress);
      report?.(progress);
    };
    results.push({ value: await work({ ...context, report: told }) });
  };
  const handlers = { [kind]: handler };
  const order = { ...tools, handlers, retry: retryOnce, limits: stepLimits, signal };
  const outcome = await executeRun(run, order);
  const [failure] = outcome.errors;
  if (failure !== undefined) throw failure[1];
  signal.throwIfAborted();
  const [result] = results;
  if (result === undefined) throw ended(runState(outcome.run));
  return result.value;
}

function ended(state: string): SafehouseError {
  return new SafehouseError("cancelled", `The run was ended by another process: ${state}`);
}
