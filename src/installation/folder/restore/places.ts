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

/**
 * Removes these parts of our folder, then the folder and `.safehouse` itself once nothing is in them.
 * • What was there before a restore is in `old`, which goes only when asked for by name.
 */
export function tidyRoot(root: string, id: string, names: readonly string[]): void {
  if (factsOf(root) === undefined) return;
  const stage = stageFolder(root, id);
  keepingTime(root, () => {
    for (const name of names) removeTree(`${stage}/${name}`);
    for (const list of ["directories.jsonl", ".trial"]) rmSync(`${stage}/${list}`, { force: true });
    removeHusk(stage);
    removeIfEmpty(`${root}/.safehouse`);
  });
}

/** Removes the directories that were made for a root, as far as nothing is in them. */
export function removeCreated({ created }: JournalRoot): void {
  for (const directory of created.toReversed()) if (!removeIfEmpty(directory)) return;
}
