import { SafehouseError } from "#core/model/problem.ts";
import type { Clock, Log } from "#core/ports.ts";
import { deadRuns } from "#jobs/runs/settle-dead-runs.ts";
import { StateRunJournal } from "#state/run-journal.ts";
import type { LocalHome } from "../local-home.ts";
import { onlyHome } from "../only-home.ts";
import { processes } from "../processes.ts";
import type { Workers } from "./workers.ts";

export interface ResumeRunsTools {
  readonly home: LocalHome;
  readonly workers: Workers;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Has each run whose process has died gone on with, or ended where that cannot be. Resolves when all have begun;
 * rejects if the journal cannot be read.
 */
export async function resumeRuns({ home, workers, clock, log }: ResumeRunsTools): Promise<void> {
  const journal = new StateRunJournal(home.state);
  for (const { id } of await deadRuns({ journal, home: onlyHome, processes, clock })) {
    try {
      await workers.begin("resumeRun", { run: id });
      log.info("A run that was cut short goes on", { run: id });
    } catch (error) {
      // It was ended as what it had come to, or there are too many at work and the next look tries again.
      if (!(error instanceof SafehouseError)) throw error;
      log.info("A run that was cut short does not go on", { run: id, error });
    }
  }
}
