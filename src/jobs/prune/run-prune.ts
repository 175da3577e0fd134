import type { Run, RunTrigger } from "#core/model/run.ts";
import type { Clock, ReportProgress } from "#core/ports.ts";
import { CopySteps, type RuleAtLocation } from "../delivery/copy-steps.ts";
import type { OpenLocationById } from "../open-location-port.ts";
import { enqueueRun } from "../runs/enqueue-run.ts";
import { executeRun } from "../runs/execute-run.ts";
import { retryOnce, type RetryPolicies } from "../runs/retry-policies.ts";
import type { RunTools } from "../runs/run-tools.ts";
import { stepLimits } from "../runs/step-limits.ts";
import { throwIfFailed } from "../runs/throw-if-failed.ts";
import type { PruneReport } from "./prune-location.ts";

export interface PruneRequest {
  readonly trigger: RunTrigger;
  /** Rules by id of the location. */
  readonly rules: ReadonlyMap<string, RuleAtLocation>;
}

export interface PruneTools {
  readonly runs: RunTools;
  readonly openLocation: OpenLocationById;
  /** Id of this installation. */
  readonly installation: string;
  readonly clock: Clock;
  /** How often a location is tried; once if not given. */
  readonly retry?: RetryPolicies;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
  /** Told when the run is in the journal. */
  readonly begun?: (run: Run) => void;
}

/**
 * Prunes locations as a run that does nothing else, side by side. As all is decided from what is there, it may
 * be done at any time and after every start: twice comes to the same as once. Rejects as `pruneLocation` does
 * if a location fails; the others are pruned all the same.
 * @returns what was removed, by location
 */
export async function runPrune(
  { trigger, rules }: PruneRequest,
  tools: PruneTools,
): Promise<ReadonlyMap<string, PruneReport>> {
  const { runs, installation, openLocation, clock, report, signal, retry = retryOnce } = tools;
  const pruneAt = [...rules.keys()];
  const wish = { trigger, makeAt: undefined, deliverTo: [], verify: false, pruneAt, queue: true };
  const run = await enqueueRun(wish, runs);
  tools.begun?.(run);
  const work = new CopySteps({
    ...nothingToDeliver,
    rules,
    installation,
    openLocation,
    clock,
    startTimer: runs.startTimer,
    report,
  });
  const { handlers } = work;
  const order = { ...runs, handlers, retry, limits: stepLimits, signal };
  const outcome = await executeRun(run, order);
  throwIfFailed(outcome, { signal, left: "what had been removed stays so" });
  return work.pruned;
}

/** A prune is about no single backup, and brings none anywhere. */
const nothingToDeliver = {
  backup: none,
  sources: [],
  keysOf: async () => undefined,
  newKeys: async () => undefined,
  openPool: none,
  openSpool: none,
} as const;

function none(): never {
  throw new Error("A prune delivers nothing");
}
