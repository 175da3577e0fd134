import type { PlanLocation } from "#core/model/plan.ts";
import type { Run, RunTrigger } from "#core/model/run.ts";
import type { RetentionRule } from "#core/retention/retention-rule.ts";
import type { BackupKeys } from "#keys/backup-keys.ts";
import { copyOutcomes, whatIsLeft } from "../delivery/copy-outcome.ts";
import { archiveLock } from "../keys/archive-lock.ts";
import { CopySteps, type RuleAtLocation } from "../delivery/copy-steps.ts";
import { enqueueRun } from "../runs/enqueue-run.ts";
import { executeRun } from "../runs/execute-run.ts";
import { retryOnce, type RetryPolicies } from "../runs/retry-policies.ts";
import type { RunTools } from "../runs/run-tools.ts";
import { stepLimits } from "../runs/step-limits.ts";
import { throwIfFailed } from "../runs/throw-if-failed.ts";
import type { StepHandlers } from "../runs/step-handler.ts";
import type { BackupRequest } from "./backup-request.ts";
import type { BackedUpPart, BackupResult } from "./backup-result.ts";
import type { MadeBackup } from "./make-backup.ts";
import { MakeStep, type MakeTools } from "./make-step.ts";

/** A backup, where it goes and how long it is kept there. */
export interface RunBackupRequest extends BackupRequest {
  /** Each once; `chooseTargets` says at which of them it is made. */
  readonly locations: readonly BackupPlace[];
  /** A plan's rules touch its own backups, those of a manual run the backups that were made without a plan. */
  readonly trigger: RunTrigger;
}

export interface BackupPlace extends PlanLocation<RetentionRule> {
  /** Token of a stop that a person has agreed to beforehand (see `PrunePlan`). */
  readonly confirmed?: string;
}

/** What a backup works with. */
export interface RunBackupTools extends MakeTools {
  /** Stands in the backup; rules touch only backups of this installation. */
  readonly installationId: string;
  readonly runs: RunTools;
  /** How often each kind of step is tried; once if not given, as whoever waits for it is told at once. */
  readonly retry?: RetryPolicies;
  /** Wait while another run makes; else reject with `busy`. */
  readonly queue: boolean;
  /** Told of each run that this one has to wait for. */
  readonly waitsFor: (ahead: Run) => void;
  /** Told when the run is in the journal. */
  readonly begun?: (run: Run) => void;
}

/**
 * Makes one backup as a run in the journal: makes it at one location or several, delivers it to the others side by
 * side, reads it back at each unless that is not wanted, and prunes where there is a rule. Resolves if a good
 * copy is at one location at least; `copies` then tells what became of each. Else it rejects with what the
 * first step rejected that failed, as `makeBackup` and `readBack` do, and with `cancelled`.
 */
export async function runBackup(
  request: RunBackupRequest,
  tools: RunBackupTools,
): Promise<BackupResult> {
  const [first, ...others] = request.locations.map(({ location }) => location);
  const rules = request.locations.filter(({ retention }) => retention !== undefined);
  const run = await enqueueRun(
    {
      trigger: request.trigger,
      makeAt: first,
      deliverTo: others,
      verify: request.verify,
      pruneAt: rules.map(({ location }) => location),
      queue: tools.queue,
    },
    tools.runs,
  );
  tools.begun?.(run);
  const work = new BackupWork(run, request, tools);
  const { runs, backup, waitsFor, retry = retryOnce } = tools;
  const { signal } = backup;
  const order = { ...runs, handlers: work.handlers, retry, limits: stepLimits, signal, waitsFor };
  const outcome = await executeRun(run, order);
  throwIfFailed(outcome, { signal, left: work.left(outcome.run) });
  return work.result(outcome.run);
}

/** What the steps of one run leave to each other and to its result. */
class BackupWork {
  readonly handlers: StepHandlers;
  readonly #tools: RunBackupTools;
  readonly #make: MakeStep;
  readonly #copies: CopySteps;

  constructor(run: Run, request: RunBackupRequest, tools: RunBackupTools) {
    const { backup, openLocation, currentKeys, installationId: installation } = tools;
    const plan = planOf(request);
    this.#tools = tools;
    // One location may have the backup encrypted, and another one not.
    const newKeys = async (): Promise<BackupKeys | undefined> =>
      request.encryption?.keys ?? currentKeys();
    const locations = request.locations.map(({ location }) => location);
    this.#make = new MakeStep({ request, locations, origin: { installation, plan } }, tools);
    this.#copies = new CopySteps({
      backup: () => {
        const named = this.#make.made === undefined ? run.backup : backupOf(this.#make.made);
        // Steps that need the backup begin only when it is made.
        if (named === undefined) throw new Error("There is no backup yet");
        return named;
      },
      sources: locations,
      keysOf: async (archive) =>
        (await archiveLock(archive)) === undefined ? undefined : newKeys(),
      newKeys,
      openPool: backup.openPool,
      openSpool: backup.openSpool,
      rules: rulesOf(request),
      installation,
      openLocation,
      clock: backup.clock,
      startTimer: tools.runs.startTimer,
      report: backup.report,
    });
    this.handlers = {
      ...this.#copies.handlers,
      make: async (context) => {
        for (const location of await this.#make.carryOut(context)) this.#copies.wasMadeAt(location);
      },
    };
  }

  result(run: Run): BackupResult {
    const { clock } = this.#tools.backup;
    const { identity, name, full, targets, parts, started } = this.#present();
    const [first] = run.steps;
    const location = first?.location ?? "";
    const there = targets.find((target) => target.location.id === location);
    return {
      status: statusOf(parts),
      slug: identity.slug,
      name,
      date: identity.date,
      type: full ? "full" : "partial",
      protected: there?.protected ?? false,
      location,
      fileName: identity.fileName,
      size: there?.size ?? 0,
      parts,
      verified: this.#copies.verified.get(location),
      seconds: (clock.now() - started) / 1000,
      verifySeconds: this.#copies.verifyMs / 1000,
      run: run.id,
      copies: copyOutcomes(run, this.#copies),
    };
  }

  /** What a run that was ended has left, as the end of a sentence; undefined for nothing. */
  left(run: Run): string | undefined {
    const { made } = this.#make;
    return made && whatIsLeft(made.identity.slug, copyOutcomes(run, this.#copies));
  }

  #present(): MadeBackup {
    if (this.#make.made === undefined) throw new Error("There is no backup yet");
    return this.#make.made;
  }
}

function backupOf({ identity, name }: MadeBackup) {
  return { slug: identity.slug, name, fileName: identity.fileName };
}

function planOf({ trigger }: RunBackupRequest): string | undefined {
  return trigger.kind === "plan" ? trigger.plan : undefined;
}

function rulesOf(request: RunBackupRequest): ReadonlyMap<string, RuleAtLocation> {
  const scope = { plan: planOf(request) };
  return new Map(
    request.locations.flatMap(({ location, retention, confirmed }) =>
      retention === undefined ? [] : [[location, { rule: retention, scope, confirmed }]],
    ),
  );
}

function statusOf(parts: readonly BackedUpPart[]): BackupResult["status"] {
  if (parts.some(({ status }) => status === "failed")) return "incomplete";
  return parts.some(({ status }) => status === "warnings") ? "warnings" : "complete";
}
