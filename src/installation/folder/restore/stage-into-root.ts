import { mkdirSync, writeFileSync } from "node:fs";
import { partName } from "#core/model/part.ts";
import type { EntryNote, PartEvents } from "#core/model/part-event.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { PartToRestore } from "../../installation.ts";
import { settleConfigLayout } from "./config-layout.ts";
import { namesIn } from "./disk-path.ts";
import type { JournalRoot } from "./journal.ts";
import { layoutOf } from "./layout.ts";
import { mountsBelow } from "./mounts.ts";
import { stageFolder } from "./places.ts";
import { stagePart } from "./stage-part.ts";
import type { PartResult } from "./stage-part.ts";
import { StageTree } from "./stage-tree.ts";

/** What is ready to be swapped into a root: the folder `new` of its stage. */
export interface StagedRoot {
  /** Directories that no entry described, relative to the root. */
  readonly implicit: ReadonlySet<string>;
  readonly bytes: number;
  readonly ownersKept: boolean;
}

export interface RootTask {
  readonly root: JournalRoot;
  /** Of the restore. */
  readonly id: string;
  readonly task: PartToRestore;
  readonly events: PartEvents;
}

export interface RootResult {
  /** Undefined if the archive has nothing for this root. */
  readonly staged: StagedRoot | undefined;
  readonly files: number;
  readonly bytes: number;
  readonly notes: readonly EntryNote[];
  readonly remembered: Uint8Array | undefined;
}

/** Writes a part into the stage of its root. */
export async function stageIntoRoot(
  { root, id, task, events }: RootTask,
  signal: AbortSignal,
): Promise<RootResult> {
  const stage = stageFolder(root.root, id);
  const isConfig = task.part.kind === "homeassistant";
  using tree = new StageTree(`${stage}/${isConfig ? "raw" : "new"}`, `${stage}/directories.jsonl`);
  const layout = layoutOf(task, mountsBelow(root.root));
  const part = partName(task.part);
  const result = await stagePart({ tree, layout, home: root.root, part }, events, signal);
  const isEmpty = namesIn(tree.base).length === 0;
  // An archive that ends at once must not be taken for a wish to have everything removed.
  if (result.entries === 0 || (isConfig && isEmpty)) throw empty(part);
  const { ownersKept } = tree;
  const { files, bytes, remembered, notes } = result;
  const implicit = isConfig ? implicitInConfig(tree, stage, notes) : tree.implicit;
  const hasNothing = task.part.kind === "addon" && isEmpty && tree.implicit.has("");
  const staged = hasNothing ? undefined : { implicit, bytes, ownersKept };
  return { staged, files, bytes, remembered, notes: notes.all() };
}

/** Stages the description of an add-on that came in its archive. */
export function stageAddonRecord(
  root: JournalRoot,
  id: string,
  addon: { slug: string; record: Uint8Array },
): StagedRoot {
  const folder = `${stageFolder(root.root, id)}/new`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(`${folder}/${addon.slug}.json`, addon.record, { mode: 0o600 });
  return { implicit: new Set([""]), bytes: 0, ownersKept: true };
}

function implicitInConfig(
  tree: StageTree,
  stage: string,
  notes: PartResult["notes"],
): ReadonlySet<string> {
  if (settleConfigLayout(tree.base, `${stage}/new`, notes) === "") return tree.implicit;
  const inside = [...tree.implicit].filter((path) => path === "data" || path.startsWith("data/"));
  return new Set(inside.map((path) => path.slice("data/".length)));
}

function empty(part: string): SafehouseError {
  return new SafehouseError(
    "damaged",
    `The archive of ${part} holds nothing; nothing was changed`,
    { subject: part },
  );
}
