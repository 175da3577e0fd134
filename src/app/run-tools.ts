import { randomUUID } from "node:crypto";
import type { Clock } from "#core/ports.ts";
import type { OpenLocationById } from "#jobs/open-location-port.ts";
import { lookAfterDeath } from "#jobs/runs/look-after-death.ts";
import type { RunTools } from "#jobs/runs/run-tools.ts";
import { StateRunJournal } from "#state/run-journal.ts";
import type { State } from "#state/open-state.ts";
import { onlyHome } from "./only-home.ts";
import { processes } from "./processes.ts";
import { readRunningServer } from "./running-server.ts";
import { startTimer } from "./start-timer.ts";

export interface RunToolsOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly notice: (sentence: string) => void;
  readonly openLocation: OpenLocationById;
  readonly installationId: () => Promise<string>;
  readonly signal: AbortSignal;
  readonly dataDirectory: string;
}

/** What runs on this machine are looked after with. */
export function runTools(options: RunToolsOptions): RunTools {
  const { state, clock, notice } = options;
  return {
    journal: new StateRunJournal(state),
    home: onlyHome,
    clock,
    processes,
    startTimer,
    random: Math.random,
    newId: () => randomUUID().replaceAll("-", ""),
    lookAfterDeath: lookAfterDeath({ ...options, processes }),
    hasServer: () => readRunningServer(options.dataDirectory) !== undefined,
    notice,
  };
}
