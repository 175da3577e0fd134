import { realpathSync } from "node:fs";
import type { UndoState } from "../../installation.ts";
import { partFolder } from "#core/rules/part-rules.ts";
import { factsOf } from "./disk-path.ts";
import { readUndo } from "./journal.ts";
import type { JournalRoot, KeptUndo } from "./journal.ts";
import { keepingOf } from "./keeping.ts";
import { newerData } from "./newer-data.ts";
import type { NewerPath } from "./newer-data.ts";
import type { RestoreHome } from "./restore-home.ts";
import { manifestList, mergesIn, operationList } from "./transaction.ts";

/** The undo that is kept, or undefined. Walks all that was restored. */
export function undoState(home: RestoreHome): UndoState | undefined {
  const undo = readUndo(home.paths.dataDir);
  if (undo === undefined || Date.parse(undo.keptUntil) <= home.clock.now()) return undefined;
  const { backup, restoredAt, keptUntil, bytes } = undo;
  return { ...backup, restoredAt, keptUntil, bytes, newerData: newerPaths(home, undo) };
}

/** Paths as in rules: the part's folder, then the path in it. */
export function newerPaths(home: RestoreHome, undo: KeptUndo): string[] {
  return undo.roots.flatMap((root, index) =>
    root.additive
      ? []
      : [...newerIn(home, undo, index)].map(({ path }) => `${partFolder(root.part)}/${path}`),
  );
}

/** What is newer in one root of an undo. */
export function newerIn(home: RestoreHome, undo: KeptUndo, index: number): Iterable<NewerPath> {
  const root = undo.roots[index];
  if (root === undefined || !factsOf(root.root)?.isDirectory()) return [];
  const merged = new Set<string>();
  for (const { path } of mergesIn(operationList(home, { id: undo.id, kind: "restore" }, index)))
    merged.add(path);
  const keeping = undoKeeping(home, undo, root);
  return newerData({
    root: root.root,
    manifest: manifestList(home, undo.id, index),
    keeping,
    merged,
  });
}

/** What an undo leaves alone: even after an exact restore, backups that came since are no part of it. */
export function undoKeeping(
  home: RestoreHome,
  undo: KeptUndo,
  root: JournalRoot,
): ReturnType<typeof keepingOf> {
  const others = [
    realpathSync(home.paths.dataDir),
    ...undo.roots.map((other) => other.root).filter((path) => path !== root.root),
  ];
  return keepingOf({ ...root, exact: false }, others);
}
