import type { Recovery } from "../../installation.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { abandon, dropUndo, finish, rollBack } from "./finish.ts";
import { factsOf } from "./disk-path.ts";
import {
  journalFolder,
  readJournal,
  readUndo,
  tidyJournalFolder,
  writeJournal,
} from "./journal.ts";
import type { Journal } from "./journal.ts";
import { takeLease } from "./lease.ts";
import type { RestoreHome } from "./restore-home.ts";
import { signOfLife } from "./home-alive.ts";
import { watchedRoots } from "./watched-roots.ts";
import { stepOf } from "./restore-home.ts";
import { runOperations } from "./transaction.ts";

/**
 * Finishes or takes back what an earlier process left.
 * • Afterwards the home is wholly old or wholly new; only then is Home Assistant started again.
 * • May itself be killed at any moment and run again. A restore that is at work is left alone.
 */
export async function recover(home: RestoreHome, signal: AbortSignal): Promise<Recovery> {
  const folder = journalFolder(home.paths.dataDir);
  const left = ["journal.json", "undo.json", "lease.json"].map((name) =>
    factsOf(`${folder}/${name}`),
  );
  if (left.every((facts) => facts === undefined)) return { actions: [] };
  try {
    using _lease = await takeLease(folder, { purpose: "Recovery", now: home.clock.now() }, signal);
    return { actions: await recoverUnderLease(home) };
  } catch (error) {
    if (error instanceof SafehouseError && error.problem === "busy")
      return { actions: [`${error.message}; it was left alone`] };
    throw error;
  }
}

/** The same, for those that hold the lease. */
export async function recoverUnderLease(home: RestoreHome): Promise<string[]> {
  const journal = readJournal(home.paths.dataDir);
  const actions = journal === undefined ? [] : await settle(home, journal);
  tidyJournalFolder(home.paths.dataDir);
  const undo = readUndo(home.paths.dataDir);
  if (undo === undefined || Date.parse(undo.keptUntil) > home.clock.now()) return actions;
  dropUndo(home, undo);
  return [
    ...actions,
    `The undo of the restore of ${undo.backup.name} was kept until ${undo.keptUntil} and has been removed`,
  ];
}

async function settle(home: RestoreHome, journal: Journal): Promise<string[]> {
  const what = `${journal.kind === "restore" ? "A restore" : "An undo of the restore"} of ${journal.backup.name}`;
  switch (journal.phase) {
    case "staging":
    case "stopping":
      return [
        `${what} ended before it had changed anything; its files have been removed`,
        ...(await abandon(home, journal)),
      ];
    case "swapping":
      return swapBack(home, journal, what);
    case "committed":
      return [
        `${what} was complete but for tidying up, which has been done`,
        ...(await finish(home, journal)).warnings,
      ];
  }
}

/**
 * Back is the way to go: it needs only what was there. Where that fails, a file system that lets nothing
 * back may still let the rest in, and a home that is wholly new is better than a mixture.
 */
async function swapBack(home: RestoreHome, journal: Journal, what: string): Promise<string[]> {
  try {
    const abandoned = await rollBack(home, journal);
    const sign = signOfLife(watchedRoots(journal));
    const warning = sign === undefined ? [] : [`${sign} and has seen a mixture: restart it`];
    const left = await abandon(home, abandoned);
    return [`${what} ended in the middle; the state before it is back`, ...warning, ...left];
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    return swapForward(home, journal, { what, cause: error });
  }
}

async function swapForward(
  home: RestoreHome,
  journal: Journal,
  failure: { what: string; cause: Error },
): Promise<string[]> {
  try {
    await runOperations(home, journal, { direction: "forward" });
  } catch (error) {
    throw new SafehouseError(
      "incomplete",
      `${failure.what} ended in the middle and can neither be taken back nor completed: ${failure.cause.message}`,
      {
        advice: "Do not start Home Assistant; remove the cause and run the recovery again",
        cause: error,
      },
    );
  }
  const committed: Journal = { ...journal, phase: "committed" };
  writeJournal(home.paths.dataDir, committed);
  stepOf(home)("committed");
  const sentence = `${failure.what} ended in the middle and could not be taken back (${failure.cause.message}); it has been completed`;
  return [sentence, ...(await finish(home, committed)).warnings];
}
