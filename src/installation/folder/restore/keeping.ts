import { closeSync, openSync, readSync } from "node:fs";
import type { Stats } from "node:fs";
import { compilePartRules, isLeftOut } from "#core/rules/part-rules.ts";
import { isRecorderDatabase } from "#core/rules/official-exclusions.ts";
import { factsOf, hasCode, onDisk } from "./disk-path.ts";
import type { DiskPath } from "./disk-path.ts";
import type { JournalRoot } from "./journal.ts";
import { mountsBelow } from "./mounts.ts";

/** What stays where it is. Paths are relative to the root. */
export interface Keeping {
  /** Never touched, whatever the archive says: mounts, folders of ours, other roots. */
  always(path: string): boolean;
  /** Whether something of that kind lies below a path. */
  holdsSuch(path: string): boolean;
  /**
   * Stays unless the archive has an entry of this name.
   * - `whole`: with everything below it
   * - `itself`: a folder; what is below is asked about by itself
   */
  unlessReplaced(path: string, facts: Stats, underCacheTag: boolean): "whole" | "itself" | "no";
  /** Whether a folder of the home holds a tag that a recorded rule goes by. */
  hasCacheTag(path: string): boolean;
}

/** @param others real paths that are swapped or used by themselves, such as our data folder */
export function keepingOf(root: JournalRoot, others: readonly string[]): Keeping {
  const prefix = `${root.root}/`;
  const inside = others
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length));
  const fixed = new Set([...mountsBelow(root.root), ...inside]);
  return {
    always: (path) => fixed.has(path) || path === ".safehouse" || path.endsWith("/.safehouse"),
    holdsSuch: (path) => [...fixed].some((inner) => inner.startsWith(`${path}/`)),
    ...(root.exact ? keepsNothing : keepsLeftOut(root)),
  };
}

type ByRule = Pick<Keeping, "unlessReplaced" | "hasCacheTag">;

const keepsNothing: ByRule = { unlessReplaced: () => "no", hasCacheTag: () => false };

function keepsLeftOut(root: JournalRoot): ByRule {
  const rules = compilePartRules(root.part, { database: root.database, rules: root.rules });
  const tags = root.rules.some((rule) => rule.cacheDirTag === true && !rule.include);
  const isConfig = root.part.kind === "homeassistant";
  return {
    unlessReplaced(path, facts, underCacheTag) {
      if (isConfig && (isBackups(path) || (!root.database && isDatabaseFile(path)))) return "whole";
      const isDirectory = facts.isDirectory();
      const size = facts.isFile() ? facts.size : 0;
      if (!isLeftOut(rules, path, { isDirectory, size, underCacheTag })) return "no";
      return isDirectory && rules.set.mayHoldExceptions(`${rules.folder}/${path}`)
        ? "itself"
        : "whole";
    },
    hasCacheTag: (path) =>
      tags && isCacheTag(onDisk(root.root, path === "" ? "CACHEDIR.TAG" : `${path}/CACHEDIR.TAG`)),
  };
}

/** The folder where Home Assistant keeps its own backups: nobody restores in order to lose those. */
function isBackups(path: string): boolean {
  return path === "backups" || path.startsWith("backups/");
}

function isDatabaseFile(path: string): boolean {
  return isRecorderDatabase(path.replace(/-(?:wal|shm|journal)$/u, ""));
}

function isCacheTag(path: DiskPath): boolean {
  return startsWith(path, "Signature: 8a477f597d28d172789f06886806bc55");
}

/** Whether a file is a SQLite database. */
export function isDatabase(path: DiskPath): boolean {
  return startsWith(path, "SQLite format 3\0");
}

function startsWith(path: DiskPath, text: string): boolean {
  if (!factsOf(path)?.isFile()) return false;
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if (hasCode(error, "EACCES", "EPERM", "ENOENT")) return false;
    throw error;
  }
  try {
    const buffer = Buffer.alloc(text.length);
    return readSync(file, buffer) === buffer.length && buffer.toString("latin1") === text;
  } finally {
    closeSync(file);
  }
}
