import type { UndoOptions, UndoReport } from "../../installation.ts";
import { partName } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { factsOf, onDisk } from "./disk-path.ts";
import { journalFolder, readUndo } from "./journal.ts";
import type { Journal, KeptUndo } from "./journal.ts";
import { takeLease } from "./lease.ts";
import { LineFile } from "./line-file.ts";
import { placesOf } from "./places.ts";
import { recoverUnderLease } from "./recover.ts";
import type { RestoreHome } from "./restore-home.ts";
import { stepOf } from "./restore-home.ts";
import { swapUnderJournal } from "./swap.ts";
import { mergesIn, operationList, operationsIn } from "./transaction.ts";
import { newerIn, newerPaths, undoKeeping } from "./undo-state.ts";

/**
 * Brings back what was there before the last restore: content, links, modes, owners and times.
 * What the restore had put in is then removed. Rejects with `not-found` if no undo is kept and with
 * `confirmation-needed` if something newer would be dropped.
 */
export async function undo(
  home: RestoreHome,
  options: UndoOptions,
  signal: AbortSignal,
): Promise<UndoReport> {
  const folder = journalFolder(home.paths.dataDir);
  using _lease = await takeLease(folder, { purpose: "An undo", now: home.clock.now() }, signal);
  await recoverUnderLease(home);
  const kept = readUndo(home.paths.dataDir);
  if (kept === undefined)
    throw new SafehouseError("not-found", "There is no restore that could be undone");
  const before = newerPaths(home, kept);
  if (!options.dropNewer) refuseIfNewer(before);
  let dropped = before;
  const { warnings, service } = await swapUnderJournal(home, {
    journal: { ...kept, kind: "undo", phase: "staging" },
    options,
    prepare(journal) {
      dropped = newerPaths(home, kept);
      // While Home Assistant was being stopped it may have written more than was agreed to.
      if (!options.dropNewer) refuseIfNewer(dropped);
      writeUndoOperations(home, kept, journal);
    },
    report: () => undefined,
    signal,
  });
  const parts = kept.roots.filter(({ additive }) => !additive).map(({ part }) => partName(part));
  return { parts, dropped, service, warnings };
}

function refuseIfNewer(newer: readonly string[]): void {
  const [first] = newer;
  if (first === undefined) return;
  const rest = newer.length === 1 ? "" : ` and ${newer.length - 1} more`;
  throw new SafehouseError(
    "confirmation-needed",
    `An undo would drop what is newer than the restore: ${first}${rest}`,
    {
      advice: "Look at the list and agree to drop it",
      facts: { newer: newer.length },
    },
  );
}

/** The same swap the other way round, and what came since in folders that were not swapped. */
function writeUndoOperations(home: RestoreHome, kept: KeptUndo, journal: Journal): void {
  for (const [index, root] of kept.roots.entries()) {
    const places = placesOf(root.root, kept.id, "undo");
    const restored = operationList(home, { id: kept.id, kind: "restore" }, index);
    const keeping = undoKeeping(home, kept, root);
    using list = new LineFile(operationList(home, journal, index));
    for (const { path } of operationsIn(restored)) {
      if (keeping.always(path) || keeping.holdsSuch(path)) throw mounted(`${root.root}/${path}`);
      list.write({ path, in: factsOf(onDisk(places.incoming, path)) !== undefined, out: true });
    }
    if (!root.additive) {
      for (const { path, late } of newerIn(home, kept, index))
        if (late) list.write({ path, in: false, out: true });
    }
    for (const { path, prior, next } of mergesIn(restored)) {
      refuseReplaced(root.root, path);
      list.write({ path, prior: next, next: prior });
    }
    list.sync();
  }
  stepOf(home)("listed");
}

function mounted(path: string): SafehouseError {
  return new SafehouseError(
    "busy",
    `Something has been mounted at or below ${path} since the restore`,
    {
      subject: path,
      advice: "Unmount it and try again",
    },
  );
}

/** Going through a link that took a folder's place would write wherever it points. */
function refuseReplaced(root: string, path: string): void {
  const facts = factsOf(onDisk(root, path));
  if (facts === undefined || facts.isDirectory()) return;
  throw new SafehouseError(
    "unsupported",
    `${root}/${path} was a folder when the restore was made and is none now`,
    {
      subject: path,
      advice: "Make it a folder again and try again",
    },
  );
}
