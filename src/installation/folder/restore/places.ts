import { rmSync } from "node:fs";
import { removeHusk, removeIfEmpty, removeTree } from "./remove-tree.ts";
import { keepingTime } from "./directory-facts.ts";
import { factsOf } from "./disk-path.ts";
import type { JournalRoot } from "./journal.ts";

/** Where the two sides of a swap lie. */
export interface Places {
  readonly root: string;
  /** What goes in comes from here … */
  readonly incoming: string;
  /** … and what goes out comes here. */
  readonly outgoing: string;
  /** What somebody wrote at a place of ours while we swapped. */
  readonly stray: string;
}

/** Our folder in a root, for one restore. */
export function stageFolder(root: string, id: string): string {
  return `${root}/.safehouse/restore-${id}`;
}

export function placesOf(root: string, id: string, kind: "restore" | "undo"): Places {
  const stage = stageFolder(root, id);
  const [incoming, outgoing] = kind === "restore" ? ["new", "old"] : ["old", "new"];
  return {
    root,
    incoming: `${stage}/${incoming}`,
    outgoing: `${stage}/${outgoing}`,
    stray: `${stage}/stray`,
  };
}

/** Parts of our folder that hold nothing of the home's once a swap has been taken back or has not begun. */
export const scratchNames = ["new", "raw", "probe"] as const;

export interface Tidying {
  /** Folders of ours that go with all that is in them. */
  readonly remove: readonly string[];
  /** The home is as it was, so `old` can hold only folders that we made on the way there. */
  readonly oldIsBack: boolean;
}

/**
 * Removes parts of our folder, then the folder and `.safehouse` itself once nothing is in them.
 * • What was there before a restore is in `old`: it goes only when asked for by name.
 */
export function tidyRoot(root: string, id: string, tidying: Tidying): void {
  if (factsOf(root) === undefined) return;
  const stage = stageFolder(root, id);
  keepingTime(root, () => {
    for (const name of tidying.remove) removeTree(`${stage}/${name}`);
    for (const list of ["directories.jsonl", ".trial"])
      rmSync(`${stage}/${list}`, { force: true, recursive: true });
    if (tidying.oldIsBack) removeHusk(`${stage}/old`);
    if (removeIfEmpty(stage)) removeIfEmpty(`${root}/.safehouse`);
  });
}

/** Removes the directories that were made for a root, as far as nothing is in them. */
export function removeCreated({ created }: JournalRoot): void {
  for (const directory of created.toReversed()) if (!removeIfEmpty(directory)) return;
}
