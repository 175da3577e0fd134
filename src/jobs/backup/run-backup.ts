import type { VerifyReport } from "#archive/verify/verify-report.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Run, RunBackup } from "#core/model/run.ts";
import { runState } from "#core/run/run-state.ts";
import { enqueueRun } from "../runs/enqueue-run.ts";
import { executeRun } from "../runs/execute-run.ts";
import type { RunTools } from "../runs/run-tools.ts";
import { stepErrorOf } from "../runs/step-error.ts";
import type { StepContext, StepHandlers } from "../runs/step-handler.ts";
import type { BackupRequest } from "./backup-request.ts";
import type { BackedUpPart, BackupResult } from "./backup-result.ts";
import { makeBackup, type BackupTools, type MadeBackup } from "./make-backup.ts";
import { readBack } from "./read-back.ts";

/** What a manual backup works with. */
export interface RunBackupTools {
  readonly runs: RunTools;
  readonly backup: BackupTools;
  /** Keeps restores out while the archive is made. Rejects with `busy`. */
  readonly hold: (signal: AbortSignal) => Promise<AsyncDisposable>;
  /** Wait while another run makes; else reject with `busy`. */
  readonly queue: boolean;
  /** Told of each run that this one has to wait for. */
  readonly waitsFor: (ahead: Run) => void;
}

/**
 * Makes one backup at one location as a run in the journal: make, then verify unless that is not wanted.
 * Rejects with what the step rejected that failed, as `makeBackup` and `readBack` do, and with `cancelled`.
 */
export async function runBackup(
  request: BackupRequest,
  tools: RunBackupTools,
): Promise<BackupResult> {
  const { runs, backup } = tools;
  const run = await enqueueRun(
    {
      trigger: { kind: "manual" },
      makeAt: backup.location.id,
      deliverTo: [],
      verify: request.verify,
      pruneAt: [],
      queue: tools.queue,
    },
    runs,
  );
  const work = new BackupWork(request, tools);
  const { handlers } = work;
  const { signal } = backup;
  const { waitsFor } = tools;
  const outcome = await executeRun(run, { ...runs, handlers, retry, limits, signal, waitsFor });
  const state = runState(outcome.run);
  if (state === "cancelled" && !signal.aborted) throw work.ended("cancelled by another command");
  const [failure] = outcome.errors;
  if (failure !== undefined) throw failure[1];
  signal.throwIfAborted();
  if (state !== "done") throw work.ended("ended by another process, which took this one for dead");
  return work.result();
}

/** Whoever typed the command is told of a failure at once. */
const retry = () => ({ attempts: 1, firstPauseInMs: 0, longestPauseInMs: 0 });
/** The check of a large database on a slow disk may take long after its last byte was read. */
const limits = { stallInMs: 30 * 60_000, stopInMs: 8000 };

/** What the steps of one run leave to each other and to its result. */
class BackupWork {
  readonly handlers: StepHandlers = {
    make: (context) => this.#make(context),
    verify: (context) => this.#verify(context),
  };
  readonly #request: BackupRequest;
  readonly #tools: RunBackupTools;
  #made: MadeBackup | undefined;
  #verified: VerifyReport | undefined;
  #verifyMs = 0;

  constructor(request: BackupRequest, tools: RunBackupTools) {
    this.#request = request;
    this.#tools = tools;
  }

  async #make(context: StepContext): Promise<void> {
    await using _ = await this.#tools.hold(context.signal);
    this.#made = await this.#makeWholly(context);
    for (const { part, status } of this.#made.parts) {
      if (status === "failed") context.log(`${part} could not be read and is not in the backup`);
      if (status === "warnings") context.log(`Single files of ${part} were left out or fixed up`);
    }
  }

  async #makeWholly(context: StepContext): Promise<MadeBackup> {
    let fileName: string | undefined;
    const named = async (backup: RunBackup): Promise<void> => {
      ({ fileName } = backup);
      await context.name(backup);
    };
    try {
      return await makeBackup(this.#request, this.#toolsFor(context), named);
    } catch (error) {
      // The archive may have appeared in the very moment in which its writer was told to stop.
      if (context.signal.aborted && fileName !== undefined) await this.#remove(fileName, context);
      throw error;
    }
  }

  async #remove(fileName: string, context: StepContext): Promise<void> {
    try {
      await this.#tools.backup.location.remove(fileName, new AbortController().signal);
    } catch (error) {
      const { problem, message } = stepErrorOf(error);
      if (problem !== "not-found") context.log(`What was made could not be removed: ${message}`);
    }
  }

  async #verify(context: StepContext): Promise<void> {
    const { clock } = this.#tools.backup;
    const started = clock.now();
    this.#verified = await readBack(
      this.#present().identity,
      this.#request,
      this.#toolsFor(context),
    );
    this.#verifyMs = clock.now() - started;
  }

  result(): BackupResult {
    const { backup } = this.#tools;
    const { identity, name, full, size, parts, started } = this.#present();
    return {
      status: statusOf(parts),
      slug: identity.slug,
      name,
      date: identity.date,
      type: full ? "full" : "partial",
      protected: this.#request.encryption !== undefined,
      location: backup.location.id,
      fileName: identity.fileName,
      size,
      parts,
      verified: this.#verified,
      seconds: (backup.clock.now() - started) / 1000,
      verifySeconds: this.#verifyMs / 1000,
    };
  }

  /** What is told when others have ended the run. @param how it was ended */
  ended(how: string): SafehouseError {
    const left =
      this.#made === undefined
        ? "nothing was left behind"
        : `backup ${this.#made.identity.slug} is there, but was not read back`;
    return new SafehouseError("cancelled", `The run was ${how}; ${left}`);
  }

  /** Steps that need the backup begin only when it is made. */
  #present(): MadeBackup {
    if (this.#made === undefined) throw new Error("There is no backup yet");
    return this.#made;
  }

  #toolsFor({ signal, report }: StepContext): BackupTools {
    const { backup } = this.#tools;
    return {
      ...backup,
      signal,
      report: (progress) => {
        backup.report(progress);
        report(progress);
      },
    };
  }
}

function statusOf(parts: readonly BackedUpPart[]): BackupResult["status"] {
  if (parts.some(({ status }) => status === "failed")) return "incomplete";
  return parts.some(({ status }) => status === "warnings") ? "warnings" : "complete";
}
