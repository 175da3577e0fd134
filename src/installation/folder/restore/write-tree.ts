import { mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import type { EntryNote, PartEvents } from "#core/model/part-event.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Layout } from "./layout.ts";
import { stagePart } from "./stage-part.ts";
import { removeTree } from "./remove-tree.ts";
import { StageTree } from "./stage-tree.ts";

/** What was written. */
export interface WrittenTree {
  readonly files: number;
  readonly bytes: number;
  readonly notes: readonly EntryNote[];
}

/**
 * Writes the entries of a part into a folder of its own, as they stand in the archive, with the same care
 * as a restore: nothing lands outside of it and no link is followed. Works on every system. If the entries
 * end inside of a file, what came of it is kept and noted.
 * Rejects with `already-exists` if the folder holds anything; whatever it rejects with, it leaves nothing.
 */
export async function writeTree(
  directory: string,
  events: PartEvents,
  signal: AbortSignal,
): Promise<WrittenTree> {
  makeRoom(directory);
  using tree = new StageTree(directory, `${directory}.directories.tmp`);
  const task = { tree, layout: asItIs, home: directory, part: directory, keepsTorn: true };
  try {
    const { files, bytes, notes } = await stagePart(task, events, signal);
    return { files, bytes, notes: notes.all() };
  } catch (error) {
    removeTree(directory);
    throw error;
  }
}

const asItIs: Layout = {
  place: (path) => ({ kind: "stage", path }),
  below: (path) => path,
};

/** The tree makes the folder itself, so that nobody can have put a link into it before. */
function makeRoom(directory: string): void {
  mkdirSync(dirname(directory), { recursive: true });
  try {
    if (readdirSync(directory).length === 0) return rmdirSync(directory);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw error;
  }
  throw new SafehouseError("already-exists", `The folder ${directory} is not empty`, {
    subject: directory,
    advice: "Choose another folder, or remove this one first",
  });
}
