import { SafehouseError } from "#core/model/problem.ts";
import { setTime } from "./directory-facts.ts";
import { factsOf, joined, namesIn, onDisk } from "./disk-path.ts";
import {
  listFolder,
  readUndo,
  removeJournal,
  removeUndo,
  writeJournal,
  writeUndo,
} from "./journal.ts";
import type { Journal, KeptUndo } from "./journal.ts";
import { removeCreated, scratchNames, stageFolder, tidyRoot } from "./places.ts";
import { removeTree } from "./remove-tree.ts";
import { stepOf } from "./restore-home.ts";
import type { RestoreHome } from "./restore-home.ts";
import { runShellCommand } from "./shell-command.ts";
import { mergesIn, operationList, runOperations } from "./transaction.ts";

/** How a restore, an undo or what is left of one ended. */
export interface Ending {
  readonly warnings: readonly string[];
  /** The start command failed. */
  readonly startFailed: boolean;
}

/** Leaves a restore or undo of which nothing is swapped, or nothing any more. @returns warnings */
export async function abandon(home: RestoreHome, journal: Journal): Promise<string[]> {
  const { dataDir } = home.paths;
  const step = stepOf(home);
  if (journal.kind === "restore") {
    // The last one first: a folder that was made for several of them stands with the first.
    for (const root of journal.roots.toReversed()) {
      tidyRoot(root.root, journal.id, { remove: scratchNames, oldIsBack: true });
      removeCreated(root);
      // A process that died between making its folder and putting the time back leaves that to us.
      if (factsOf(root.root) && root.created.length === 0) setTime(root.root, root.prior.mtime);
      step(`tidied ${root.root}`);
    }
  }
  if (journal.kind === "undo") {
    for (const { root } of journal.roots)
      tidyRoot(root, journal.id, { remove: ["probe"], oldIsBack: false });
  }
  const start = await startAgain(journal);
  const warnings = [...start.warnings, ...leftBehind(journal)];
  step("started");
  if (journal.kind === "restore") removeTree(listFolder(dataDir, journal.id));
  removeJournal(dataDir);
  step("closed");
  return warnings;
}

/** Takes a swap back. • Afterwards the journal says so, and no list is needed any more. */
export async function rollBack(home: RestoreHome, journal: Journal): Promise<Journal> {
  await runOperations(home, journal, { direction: "back" });
  const stopping: Journal = { ...journal, phase: "stopping" };
  writeJournal(home.paths.dataDir, stopping);
  stepOf(home)("rolled back");
  return stopping;
}

/** Completes what is committed. • The service comes first: tidying up can take a while. */
export async function finish(home: RestoreHome, journal: Journal): Promise<Ending> {
  const start = await startAgain(journal);
  stepOf(home)("started");
  if (journal.kind === "restore") finishRestore(home, journal);
  else finishUndo(home, journal);
  removeJournal(home.paths.dataDir);
  stepOf(home)("closed");
  return { ...start, warnings: [...start.warnings, ...strays(journal)] };
}

function finishRestore(home: RestoreHome, journal: Journal): void {
  const { dataDir } = home.paths;
  const previous = readUndo(dataDir);
  if (previous !== undefined && previous.id !== journal.id) dropUndo(home, previous);
  for (const [index, { root }] of journal.roots.entries()) {
    settleTimeIfTidied(home, journal, index);
    tidyRoot(root, journal.id, { remove: scratchNames, oldIsBack: false });
    stepOf(home)(`tidied ${root}`);
  }
  const bytes = journal.roots.reduce(
    (sum, { root }) => sum + bytesBelow(`${stageFolder(root, journal.id)}/old`),
    0,
  );
  // An undo stops and starts Home Assistant by commands of its own.
  const { startCommand: _, ...rest } = journal;
  writeUndo(dataDir, { ...rest, bytes, restoredAt: journal.startedAt });
  stepOf(home)("kept undo");
}

/**
 * Where our folder is gone already, a process died after removing it, perhaps before it put the time of
 * the root back.
 */
function settleTimeIfTidied(home: RestoreHome, journal: Journal, index: number): void {
  const root = journal.roots[index]?.root;
  const list = operationList(home, journal, index);
  if (root === undefined || factsOf(root) === undefined || factsOf(list) === undefined) return;
  if (factsOf(`${root}/.safehouse`) !== undefined) return;
  for (const { path, next } of mergesIn(list)) if (path === "") setTime(root, next.mtime);
}

function finishUndo(home: RestoreHome, journal: Journal): void {
  const { dataDir } = home.paths;
  for (const [index, root] of journal.roots.entries()) {
    settleTimeIfTidied(home, journal, index);
    tidyRoot(root.root, journal.id, { remove: [...scratchNames, "stray"], oldIsBack: true });
    removeCreated(root);
    stepOf(home)(`tidied ${root.root}`);
  }
  removeUndo(dataDir);
  stepOf(home)("removed undo");
  removeTree(listFolder(dataDir, journal.id));
}

/** Removes an undo and what it kept. */
export function dropUndo(home: RestoreHome, undo: KeptUndo): void {
  for (const { root } of undo.roots) {
    tidyRoot(root, undo.id, { remove: [...scratchNames, "old", "stray"], oldIsBack: false });
    stepOf(home)(`dropped undo in ${root}`);
  }
  removeTree(listFolder(home.paths.dataDir, undo.id));
  stepOf(home)("dropped lists");
  // Last: while it is there, an interrupted removal is found and done again.
  removeUndo(home.paths.dataDir);
}

async function startAgain(journal: Journal): Promise<Ending> {
  const { startCommand, phase } = journal;
  try {
    if (startCommand !== undefined && phase !== "staging")
      await runShellCommand(startCommand, "start Home Assistant");
    return { warnings: [], startFailed: false };
  } catch (error) {
    if (error instanceof SafehouseError) return { warnings: [error.message], startFailed: true };
    throw error;
  }
}

/** Nothing should be left here now. What is, is somebody's, and we keep our hands off it. */
function leftBehind({ kind, id, roots }: Journal): string[] {
  if (kind === "undo") return [];
  return roots
    .map(({ root }) => stageFolder(root, id))
    .filter((path) => factsOf(path) !== undefined)
    .map((path) => `Something that was written meanwhile is kept in ${path}`);
}

function strays(journal: Journal): string[] {
  if (journal.kind === "undo") return [];
  return journal.roots
    .map(({ root }) => `${stageFolder(root, journal.id)}/stray`)
    .filter((path) => factsOf(path) !== undefined)
    .map((path) => `Something was written while the restore was swapping; it lies in ${path}`);
}

function bytesBelow(base: string, path = ""): number {
  const place = onDisk(base, path);
  const facts = factsOf(place);
  if (facts === undefined) return 0;
  if (!facts.isDirectory()) return facts.isFile() ? facts.size : 0;
  return namesIn(place).reduce((sum, name) => sum + bytesBelow(base, joined(path, name)), 0);
}
