import { setImmediate as breathe } from "node:timers/promises";
import { SafehouseError } from "#core/model/problem.ts";
import { setDirectoryFacts } from "./directory-facts.ts";
import { factsOf, onDisk } from "./disk-path.ts";
import { diskText } from "./disk-path.ts";
import { syncDirectory } from "./durable.ts";
import { listFolder } from "./journal.ts";
import type { Journal } from "./journal.ts";
import { readLines } from "./line-file.ts";
import { carryOut, isMerge, isOperation, takeBack, touchedBy } from "./operation.ts";
import type { Merge, Operation, Touched } from "./operation.ts";
import { placesOf } from "./places.ts";
import type { Places } from "./places.ts";
import { stepOf } from "./restore-home.ts";
import type { RestoreHome } from "./restore-home.ts";

export type Direction = "forward" | "back";

/**
 * Carries out the operations of a journal, or takes them back. Complete and on the disk when it returns.
 * • May be interrupted and run again, in either direction, any number of times.
 */
export async function runOperations(
  home: RestoreHome,
  journal: Journal,
  run: { direction: Direction; signal?: AbortSignal },
): Promise<void> {
  for (const [index, { root }] of journal.roots.entries()) {
    const list = operationList(home, journal, index);
    const places = placesOf(root, journal.id, journal.kind);
    const touched: Touched = new Set();
    let count = 0;
    for (const operation of operationsIn(list)) {
      runOne(home, { places, operation, direction: run.direction });
      for (const directory of touchedBy(places, operation)) touched.add(directory);
      count += 1;
      if (count % 256 === 0) await breathe();
      if (run.signal?.aborted) throw new SafehouseError("cancelled", "The swap was cancelled");
    }
    settleDirectories(home, { places, list, direction: run.direction });
    for (const directory of touched) syncDirectory(diskText(directory));
  }
}

/** The file that lists a root's operations. */
export function operationList(
  home: RestoreHome,
  journal: Pick<Journal, "id" | "kind">,
  index: number,
): string {
  return `${listFolder(home.paths.dataDir, journal.id)}/${journal.kind}-${index}.jsonl`;
}

/** The file that lists what a restore put or left in a root. */
export function manifestList(home: RestoreHome, id: string, index: number): string {
  return `${listFolder(home.paths.dataDir, id)}/manifest-${index}.jsonl`;
}

export function* operationsIn(list: string): Generator<Operation, void, undefined> {
  for (const line of readLines(list)) if (isOperation(line)) yield line;
}

export function* mergesIn(list: string): Generator<Merge, void, undefined> {
  for (const line of readLines(list)) if (isMerge(line)) yield line;
}

function runOne(
  home: RestoreHome,
  run: { places: Places; operation: Operation; direction: Direction },
): void {
  const step = stepOf(home);
  const moved = (from: string, path: string): void => step(`moved ${path} from ${from}`);
  if (run.direction === "forward") carryOut(run.places, run.operation, moved);
  else takeBack(run.places, run.operation, moved);
}

/** After all renames, for each of them changes the time of a directory. */
function settleDirectories(
  home: RestoreHome,
  run: { places: Places; list: string; direction: Direction },
): void {
  for (const { path, prior, next } of mergesIn(run.list)) {
    const place = onDisk(run.places.root, path);
    if (factsOf(place) === undefined) continue;
    setDirectoryFacts(place, run.direction === "forward" ? next : prior);
    syncDirectory(place);
    stepOf(home)(`settled ${path}`);
  }
}
