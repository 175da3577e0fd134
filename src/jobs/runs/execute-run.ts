import { SafehouseError } from "#core/model/problem.ts";
import type { Run, Step, StepKind } from "#core/model/run.ts";
import { pauseBeforeRetry, type RetryPolicy } from "#core/run/retry-policy.ts";
import { runAhead } from "#core/run/run-ahead.ts";
import type { RunEvent } from "#core/run/run-event.ts";
import { startableSteps } from "#core/run/startable-steps.ts";
import { attemptStep, type AttemptResult, type StepLimits } from "./attempt-step.ts";
import { RunRecord } from "./run-record.ts";
import type { RunTools } from "./run-tools.ts";
import { settleDeadRuns } from "./settle-dead-runs.ts";
import { stepErrorOf } from "./step-error.ts";
import type { StepContext, StepHandlers } from "./step-handler.ts";

/** How a run is carried out. */
export interface RunOrder extends RunTools {
  readonly handlers: StepHandlers;
  readonly retry: (kind: StepKind) => RetryPolicy;
  readonly limits: StepLimits;
  /** Cancels the run. */
  readonly signal: AbortSignal;
  /** Told of each run that this one has to wait for. */
  readonly waitsFor?: (ahead: Run) => void;
}

export interface RunOutcome {
  readonly run: Run;
  /** What the last attempt of each step that did not succeed was rejected with, by number. */
  readonly errors: ReadonlyMap<number, unknown>;
}

/**
 * Carries out a run that is in the journal and belongs to this process, to its end: it waits for its turn,
 * makes, and goes on at each location by itself. Resolves however the steps ended; rejects only if it
 * cannot even begin because the journal fails. A wish to cancel, by the signal or through the journal, is
 * heeded within a second, and no step may then take longer than `limits.stopInMs`.
 */
export async function executeRun(run: Run, order: RunOrder): Promise<RunOutcome> {
  const execution = new RunExecution(run, order);
  const cancel = (): void => execution.cancel();
  order.signal.addEventListener("abort", cancel, { once: true });
  if (order.signal.aborted) cancel();
  try {
    return await execution.carryOut();
  } finally {
    order.signal.removeEventListener("abort", cancel);
  }
}

const lookEveryMs = 1000;
/** A state file that others hold keeps this process waiting for seconds whenever it asks. */
const lookEveryMsWhileJournalFails = 15_000;

class RunExecution {
  readonly #order: RunOrder;
  readonly #record: RunRecord;
  readonly #cancel = new AbortController();
  readonly #errors = new Map<number, unknown>();
  readonly #atWork = new Set<number>();
  #ahead: Run | undefined;
  #hasComplained = false;
  #journalFails = false;
  #wake = Promise.withResolvers<void>();

  constructor(run: Run, order: RunOrder) {
    this.#order = order;
    this.#record = new RunRecord(run, order);
  }

  cancel(): void {
    this.#record.add({ kind: "cancel-asked", at: this.#order.clock.now() });
    this.#wake.resolve();
  }

  async carryOut(): Promise<RunOutcome> {
    try {
      for (;;) {
        const wake = this.#nextLook();
        await this.#look();
        if (this.#hasEnded()) break;
        await wake;
      }
    } finally {
      this.#wake.resolve();
    }
    return { run: this.#record.run, errors: this.#errors };
  }

  /** Resolves when something has happened, and in any case before long. */
  async #nextLook(): Promise<void> {
    this.#wake = Promise.withResolvers<void>();
    const pause = this.#journalFails ? lookEveryMsWhileJournalFails : lookEveryMs;
    const stop = this.#order.startTimer(pause, this.#wake.resolve);
    await this.#wake.promise;
    stop();
  }

  /** Tells the journal what has happened, hears what others wish, and begins what can begin. */
  async #look(): Promise<void> {
    const events = await this.#save();
    const { signal } = this.#order;
    const { run, isTaken } = this.#record;
    if (run.cancelAsked !== undefined)
      this.#cancel.abort(signal.aborted ? signal.reason : cancelled());
    else if (isTaken) this.#cancel.abort(taken());
    for (const event of events) if (event.kind === "started") this.#start(event.step);
    if (this.#ahead !== undefined) await settleDeadRuns(this.#order);
  }

  async #save(): Promise<readonly RunEvent[]> {
    let ahead: Run | undefined;
    try {
      const events = await this.#record.save((run, open) => {
        const now = this.#order.clock.now();
        const [first] = run.steps;
        const waits = first?.kind === "make" && first.state === "queued";
        ahead = waits ? runAhead(run, open, now) : undefined;
        return starts(run, open, now);
      });
      this.#journalFails = false;
      if (ahead !== undefined && ahead.id !== this.#ahead?.id) this.#order.waitsFor?.(ahead);
      this.#ahead = ahead;
      return events;
    } catch (error) {
      const events = this.#startsWithoutJournal(error);
      for (const event of events) this.#record.add(event);
      return events;
    }
  }

  /**
   * Only making needs the journal, to know that nobody else makes. From then on the work is worth more than
   * the record of it, which is written with a later look.
   */
  #startsWithoutJournal(error: unknown): readonly RunEvent[] {
    const { run } = this.#record;
    const [first] = run.steps;
    const isToMake = first?.state === "queued" || first?.state === "waiting-to-retry";
    if (first?.kind === "make" && isToMake) throw error;
    if (!this.#hasComplained) {
      const { message } = stepErrorOf(error);
      this.#order.notice(`The journal of runs cannot be written at the moment: ${message}`);
    }
    this.#hasComplained = true;
    this.#journalFails = true;
    return starts(run, [], this.#order.clock.now());
  }

  #hasEnded(): boolean {
    if (this.#atWork.size > 0) return false;
    const { run, isTaken, isSaved } = this.#record;
    return isTaken || (run.ended !== undefined && (isSaved || this.#journalFails));
  }

  #start(number: number): void {
    const step = this.#record.run.steps[number];
    if (step === undefined) return;
    this.#atWork.add(number);
    void this.#perform(number, step).then((result) => {
      this.#atWork.delete(number);
      this.#tell(number, result);
      this.#wake.resolve();
    });
  }

  /** Never rejects. */
  #perform(number: number, step: Step): Promise<AttemptResult> {
    const { handlers, limits, startTimer, clock } = this.#order;
    const handler = handlers[step.kind];
    const log = (text: string): void =>
      this.#record.add({ kind: "logged", step: number, at: clock.now(), text });
    const name: StepContext["name"] = async (backup) => {
      this.#record.add({ kind: "named", backup });
      await this.#record.save();
    };
    const madeElsewhere = (location: string): void =>
      this.#record.add({ kind: "made-elsewhere", location });
    return attemptStep({
      limits,
      startTimer,
      cancel: this.#cancel.signal,
      report: (progress) => this.#record.add({ kind: "progressed", step: number, progress }),
      work: async (signal, report) => {
        if (handler === undefined) throw noHandler(step.kind);
        await handler({ step, signal, report, log, name, madeElsewhere });
      },
    });
  }

  #tell(step: number, result: AttemptResult): void {
    const at = this.#order.clock.now();
    if (result.kind === "done") {
      this.#errors.delete(step);
      this.#record.add({ kind: "done", step, at });
      return;
    }
    this.#errors.set(step, result.error);
    if (result.left) this.#record.add({ kind: "logged", step, at, text: leftAtWork });
    if (this.#cancel.signal.aborted) this.#record.add({ kind: "stopped", step, at });
    else this.#fail(step, at, result.error);
  }

  #fail(step: number, at: number, cause: unknown): void {
    const { retry, random } = this.#order;
    const error = stepErrorOf(cause);
    const { attempts = 1, kind = "make" } = this.#record.run.steps[step] ?? {};
    const wait = pauseBeforeRetry(retry(kind), { attempts, error }, random());
    const retryAt = wait === undefined ? undefined : at + Math.ceil(wait);
    this.#record.add({ kind: "failed", step, at, error, retryAt });
  }
}

function starts(run: Run, open: readonly Run[], at: number): readonly RunEvent[] {
  return startableSteps(run, open, at).map((step) => ({ kind: "started", step, at }));
}

const leftAtWork = "It did not stop when it was asked to; what it holds goes with its process";

function cancelled(): SafehouseError {
  return new SafehouseError("cancelled", "The run was cancelled by another command");
}

function taken(): SafehouseError {
  return new SafehouseError(
    "cancelled",
    "Another process took this one for dead and has ended its run",
  );
}

function noHandler(kind: string): SafehouseError {
  return new SafehouseError("unsupported", `Nothing here knows how to ${kind}`);
}
