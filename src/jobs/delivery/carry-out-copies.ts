import type { Run, RunBackup } from "#core/model/run.ts";
import type { Clock, ReportProgress } from "#core/ports.ts";
import { unlockArchive, type AskPassword } from "../archive/open-archive-file.ts";
import type { OpenLocationById } from "../open-location-port.ts";
import { executeRun } from "../runs/execute-run.ts";
import { retryOnce, type RetryPolicies } from "../runs/retry-policies.ts";
import type { RunTools } from "../runs/run-tools.ts";
import { stepLimits } from "../runs/step-limits.ts";
import { throwIfFailed } from "../runs/throw-if-failed.ts";
import { copyOutcomes, whatIsLeft, type CopyOutcome } from "./copy-outcome.ts";
import { CopySteps, type CopyStepsOrder } from "./copy-steps.ts";

export interface CopyTools {
  readonly runs: RunTools;
  readonly openLocation: OpenLocationById;
  /** Id of this installation. */
  readonly installation: string;
  readonly clock: Clock;
  /** For reading an encrypted copy back, or bringing it elsewhere without encryption. */
  readonly askPassword: AskPassword;
  /** What an archive is encrypted with at a location that wants it so; undefined if there is no key. */
  readonly newKeys: CopyStepsOrder["newKeys"];
  readonly openPool: CopyStepsOrder["openPool"];
  readonly openSpool: CopyStepsOrder["openSpool"];
  /** How often each kind of step is tried; once if not given. */
  readonly retry?: RetryPolicies;
  readonly report: ReportProgress;
  /** Told when the run is in the journal. */
  readonly begun?: (run: Run) => void;
  readonly signal: AbortSignal;
}

export interface CopyResult extends RunBackup {
  /** Id of the run. */
  readonly run: string;
  /** What became of the copy at each location. */
  readonly copies: readonly CopyOutcome[];
}

/** What a run is about that makes nothing. */
export interface CopyWork extends Pick<CopyStepsOrder, "sources" | "rules"> {
  readonly backup: RunBackup;
}

/**
 * Carries out a run of this process that makes nothing: delivers a backup that is there, verifies and prunes. Resolves
 * if a good copy came to one location at least. Rejects as `deliverBackup` and `readBack` do.
 */
export async function carryOutCopies(
  run: Run,
  { backup, sources, rules }: CopyWork,
  tools: CopyTools,
): Promise<CopyResult> {
  const { runs, askPassword, signal, retry = retryOnce } = tools;
  const keysOf: CopyStepsOrder["keysOf"] = async (archive) =>
    (await unlockArchive(archive, askPassword)).keys;
  const { startTimer } = runs;
  const work = new CopySteps({
    ...tools,
    startTimer,
    sources,
    rules,
    keysOf,
    backup: () => backup,
  });
  const order = { ...runs, handlers: work.handlers, retry, limits: stepLimits, signal };
  const outcome = await executeRun(run, order);
  const copies = copyOutcomes(outcome.run, work);
  throwIfFailed(outcome, { signal, left: whatIsLeft(backup.slug, copies) });
  return { ...backup, run: run.id, copies };
}
