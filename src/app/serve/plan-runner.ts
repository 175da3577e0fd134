import { lastBackupOf } from "#jobs/plan/last-backup-of.ts";
import { Scheduler } from "#jobs/schedule/scheduler.ts";
import type { PlanRunEnd, RunPlan } from "#jobs/schedule/scheduler-tools.ts";
import type { Clock, Log } from "#core/ports.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { LocalHome } from "../local-home.ts";
import { backgroundTimer } from "../background-timer.ts";
import type { Workers } from "./workers.ts";

export interface PlanRunnerOptions {
  readonly home: LocalHome;
  readonly workers: Workers;
  readonly clock: Clock;
  readonly log: Log;
  /** Told when a run has come to its end. */
  readonly ended: () => void;
}

/** Runs the plans of a home when they are due, each run in a process of its own. Begin with `refresh`. */
export async function planRunner(options: PlanRunnerOptions): Promise<Scheduler> {
  const { home, workers, clock, log, ended } = options;
  const { store, records } = home.plans;
  return new Scheduler({
    plans: store,
    records,
    installation: await home.installation(),
    clock,
    startTimer: backgroundTimer,
    runPlan: runInWorker(workers, ended),
    lastBackupOf: lastBackupOf(home.locations(), () => home.installation()),
    notice: (sentence) => log.warn(sentence),
  });
}

function runInWorker(workers: Workers, ended: () => void): RunPlan {
  return async ({ id }, { signal }) => {
    signal.throwIfAborted();
    try {
      const end = await workers.end(await workers.begin("runPlan", { plan: id }));
      const isGood = end === undefined || end.kind === "done";
      return isGood ? { outcome: "succeeded" } : failure(end.error);
    } finally {
      // What has become of it is noted first.
      backgroundTimer(1000, ended);
    }
  };
}

function failure(error: unknown): PlanRunEnd {
  const known = error instanceof SafehouseError;
  if (known && error.problem === "cancelled")
    return { outcome: "cancelled", message: error.message };
  return {
    outcome: "failed",
    message: known ? error.message : "A fault of Safehouse; see its log",
  };
}
