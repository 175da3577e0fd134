import { SafehouseError } from "#core/model/problem.ts";
import type { Run, RunBackup } from "#core/model/run.ts";
import type { Clock, ReportProgress } from "#core/ports.ts";
import { unlockArchive, type AskPassword } from "../archive/open-archive-file.ts";
import type { OpenLocationById } from "../open-location-port.ts";
import { enqueueRun } from "../runs/enqueue-run.ts";
import { executeRun } from "../runs/execute-run.ts";
import { retryOnce, type RetryPolicies } from "../runs/retry-policies.ts";
import type { RunTools } from "../runs/run-tools.ts";
import { stepLimits } from "../runs/step-limits.ts";
import { throwIfFailed } from "../runs/throw-if-failed.ts";
import { copyOutcomes, whatIsLeft, type CopyOutcome } from "./copy-outcome.ts";
import { CopySteps } from "./copy-steps.ts";

export interface CopyRequest {
  /** Slug or file name. */
  readonly backup: string;
  /** Id of the location where it is. */
  readonly from: string;
  /** Ids of the locations that get a copy, each once. */
  readonly to: readonly string[];
  /** Read each copy back. */
  readonly verify: boolean;
}

export interface CopyTools {
  readonly runs: RunTools;
  readonly openLocation: OpenLocationById;
  /** Id of this installation. */
  readonly installation: string;
  readonly clock: Clock;
  /** For reading an encrypted copy back. */
  readonly askPassword: AskPassword;
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

/**
 * Copies a backup that is there to other locations, as a run that makes nothing: delivers, then verifies unless
 * that is not wanted. Resolves if a good copy came to one of them at least. Rejects with `not-found`, and else
 * as `deliverBackup` and `readBack` do.
 */
export async function copyBackup(request: CopyRequest, tools: CopyTools): Promise<CopyResult> {
  const { runs, openLocation, clock, askPassword, report, signal, retry = retryOnce } = tools;
  const backup = await backupAt(request, tools);
  const wish = { trigger: { kind: "manual" }, makeAt: undefined, backup } as const;
  const { to: deliverTo, verify } = request;
  const run = await enqueueRun({ ...wish, deliverTo, verify, pruneAt: [], queue: true }, runs);
  tools.begun?.(run);
  const work = new CopySteps({
    backup: () => backup,
    sources: [request.from, ...deliverTo],
    keysOf: async (archive) => (await unlockArchive(archive, askPassword)).keys,
    rules: new Map(),
    installation: tools.installation,
    openLocation,
    clock,
    report,
  });
  const { handlers } = work;
  const order = { ...runs, handlers, retry, limits: stepLimits, signal };
  const outcome = await executeRun(run, order);
  const copies = copyOutcomes(outcome.run, work);
  throwIfFailed(outcome, { signal, left: whatIsLeft(backup.slug, copies) });
  return { ...backup, run: run.id, copies };
}

async function backupAt(
  { backup, from }: CopyRequest,
  { openLocation, signal }: CopyTools,
): Promise<RunBackup> {
  const location = await openLocation(from, signal);
  const { facts, object, problems } = await location.find(backup, signal);
  if (facts !== undefined) return { slug: facts.slug, name: facts.name, fileName: object.key };
  const why = problems[0]?.message ?? "it cannot be read";
  throw new SafehouseError("damaged", `${object.key} at ${from} is damaged: ${why}`, {
    subject: object.key,
  });
}
