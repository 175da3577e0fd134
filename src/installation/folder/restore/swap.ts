import type { ReportProgress } from "#core/ports.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ServiceOptions, ServiceState } from "../../installation.ts";
import { awaitAnswer } from "./await-answer.ts";
import { abandon, finish, rollBack } from "./finish.ts";
import type { Ending } from "./finish.ts";
import { refuseIfAlive } from "./home-alive.ts";
import { writeJournal } from "./journal.ts";
import type { Journal } from "./journal.ts";
import type { RestoreHome } from "./restore-home.ts";
import { stepOf } from "./restore-home.ts";
import { runShellCommand } from "./shell-command.ts";
import { swapProblem } from "./swap-problem.ts";
import { watchedRoots } from "./watched-roots.ts";
import { runOperations } from "./transaction.ts";

export interface SwapTask {
  readonly journal: Journal;
  readonly options: ServiceOptions;
  /** Writes the lists of operations; called when nothing but us works on the home any more. */
  prepare(journal: Journal): void;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

export interface Swapped {
  readonly warnings: readonly string[];
  readonly service: ServiceState;
}

/** Thrown when a swap could not be taken back: only recovery may touch the home now. */
export class NeedsRecovery extends SafehouseError {}

/**
 * Stops Home Assistant, swaps, starts it again. Rejects with the home as it was, and started again.
 * • Every phase is on the disk before the first thing that belongs to it happens.
 */
export async function swapUnderJournal(home: RestoreHome, task: SwapTask): Promise<Swapped> {
  let journal: Journal = { ...task.journal, ...startCommandOf(task), phase: "stopping" };
  advance(home, journal);
  try {
    await stop(home, task);
    if (task.signal.aborted) throw new SafehouseError("cancelled", "The restore was cancelled");
    task.report({ step: "swap", bytes: 0 });
    task.prepare(journal);
    journal = advance(home, { ...journal, phase: "swapping" });
    await runOperations(home, journal, { direction: "forward", signal: task.signal });
    journal = advance(home, { ...journal, phase: "committed" });
  } catch (error) {
    throw swapProblem(error, await giveUp(home, journal, error));
  }
  task.report({ step: "start", bytes: 0 });
  const { warnings, startFailed } = await finishLater(home, journal);
  if (journal.startCommand === undefined) return { warnings, service: "untouched" };
  if (startFailed) return { warnings, service: "not-running" };
  if (task.options.checkUrl === undefined) return { warnings, service: "started" };
  const silence = await awaitAnswer(task.options.checkUrl, { limitInMs, signal: task.signal });
  if (silence === undefined) return { warnings, service: "answers" };
  return {
    warnings: [...warnings, silentWarning(task.options.checkUrl, silence)],
    service: "not-running",
  };
}

/** Of the first start after a long time away, with a database to bring up to date. */
const limitInMs = 10 * 60 * 1000;

function silentWarning(url: string, silence: string): string {
  return `Home Assistant was started and does not answer at ${url} (${silence}): look at its log`;
}

/** The swap is done and stays, whatever happens to the leftovers. */
async function finishLater(home: RestoreHome, journal: Journal): Promise<Ending> {
  try {
    return await finish(home, journal);
  } catch (error) {
    if (!(error instanceof SafehouseError || (error instanceof Error && "syscall" in error)))
      throw error;
    const warning = `Everything is in place, but tidying up failed and will be tried again: ${error.message}`;
    return { warnings: [warning], startFailed: false };
  }
}

function startCommandOf({ options }: SwapTask): { startCommand?: string } {
  return options.stopCommand === undefined || options.startCommand === undefined
    ? {}
    : { startCommand: options.startCommand };
}

function advance(home: RestoreHome, journal: Journal): Journal {
  writeJournal(home.paths.dataDir, journal);
  stepOf(home)(journal.phase);
  return journal;
}

async function stop(home: RestoreHome, { options, journal, report }: SwapTask): Promise<void> {
  const { stopCommand, stopped } = options;
  if (stopCommand !== undefined) {
    report({ step: "stop", bytes: 0 });
    await runShellCommand(stopCommand, "stop Home Assistant");
    stepOf(home)("stopped");
  }
  if (stopped) return;
  refuseIfAlive(
    watchedRoots(journal),
    stopCommand === undefined ? undefined : "the stop command succeeded",
  );
}

/** @returns warnings */
async function giveUp(home: RestoreHome, journal: Journal, cause: unknown): Promise<string[]> {
  try {
    const untouched = journal.phase === "swapping" ? await rollBack(home, journal) : journal;
    return await abandon(home, untouched);
  } catch (error) {
    const message = cause instanceof Error ? cause.message : "an unknown failure";
    throw new NeedsRecovery(
      "incomplete",
      `The swap failed (${message}) and could not be taken back`,
      {
        advice: "Do not start Home Assistant; remove the cause and run the recovery",
        cause: error,
      },
    );
  }
}
