import { mkdirSync, readFileSync, unlinkSync } from "node:fs";
import type { Part } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Rule } from "#core/rules/rule.ts";
import type { DirectoryFacts } from "./directory-facts.ts";
import { hasCode, namesIn } from "./disk-path.ts";
import { syncDirectory, writeDurably } from "./durable.ts";
import { isRecord } from "./is-record.ts";
import { removeTree } from "./remove-tree.ts";

/**
 * How far a restore or an undo has come.
 * - `staging`: only stage folders of ours exist. Recovery removes them.
 * - `stopping`: the stop command may have run; nothing is swapped. Recovery removes the stage and starts.
 * - `swapping`: entries may be on either side. Recovery rolls back.
 * - `committed`: the new state is complete. Recovery finishes: tidies up and starts.
 */
export type Phase = "staging" | "stopping" | "swapping" | "committed";

export interface Journal {
  readonly version: 1;
  readonly id: string;
  readonly kind: "restore" | "undo";
  readonly phase: Phase;
  readonly backup: { readonly slug: string; readonly name: string };
  readonly startedAt: string;
  readonly keptUntil: string;
  /** To be run at the end because we ran the stop command. */
  readonly startCommand?: string;
  readonly bytes: number;
  readonly roots: readonly JournalRoot[];
}

/** A folder whose entries are swapped. */
export interface JournalRoot {
  /** Real path. */
  readonly root: string;
  readonly part: Part;
  /** Directories that had to be made for it, outermost first. */
  readonly created: readonly string[];
  /** The root before anything was touched. */
  readonly prior: DirectoryFacts;
  /** What decides about carrying over. */
  readonly rules: readonly Rule[];
  readonly database: boolean;
  readonly exact: boolean;
  /** Only what is staged is swapped; nothing else is looked at. */
  readonly additive: boolean;
}

/** What `undo.json` holds: the journal of the restore that can be undone. */
export interface KeptUndo extends Journal {
  readonly restoredAt: string;
}

/** The folder of the journal and its lists. */
export function journalFolder(dataDir: string): string {
  return `${dataDir}/restore`;
}

/** Lists of one restore: operations and manifest per root. */
export function listFolder(dataDir: string, id: string): string {
  return `${journalFolder(dataDir)}/${id}`;
}

export function readJournal(dataDir: string): Journal | undefined {
  return readRecord(`${journalFolder(dataDir)}/journal.json`, isJournal);
}

export function writeJournal(dataDir: string, journal: Journal): void {
  mkdirSync(listFolder(dataDir, journal.id), { recursive: true, mode: 0o700 });
  writeDurably(`${journalFolder(dataDir)}/journal.json`, JSON.stringify(journal));
}

export function removeJournal(dataDir: string): void {
  removeRecord(`${journalFolder(dataDir)}/journal.json`);
}

export function readUndo(dataDir: string): KeptUndo | undefined {
  return readRecord(`${journalFolder(dataDir)}/undo.json`, isKeptUndo);
}

export function writeUndo(dataDir: string, undo: KeptUndo): void {
  writeDurably(`${journalFolder(dataDir)}/undo.json`, JSON.stringify(undo));
}

export function removeUndo(dataDir: string): void {
  removeRecord(`${journalFolder(dataDir)}/undo.json`);
}

/**
 * Removes what a process left that died before its journal or undo was written whole. Only for the
 * holder of the lease, and before it writes a journal of its own.
 */
export function tidyJournalFolder(dataDir: string): void {
  const folder = journalFolder(dataDir);
  const known = [readJournal(dataDir)?.id, readUndo(dataDir)?.id];
  for (const name of namesIn(folder)) {
    const isList = /^[-0-9a-f]+$/u.test(name) && !known.includes(name);
    if (isList || /^(?:journal|undo)\.json\.tmp$/u.test(name)) removeTree(`${folder}/${name}`);
  }
}

function readRecord<Kind>(path: string, is: (value: unknown) => value is Kind): Kind | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
  const value = parsed(text);
  if (is(value)) return value;
  // Guessing here could cost the only copy of somebody's home.
  throw new SafehouseError("damaged", `The restore journal ${path} cannot be read`, {
    subject: path,
    advice: "Keep the folders named .safehouse: they hold what was there before the restore",
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function removeRecord(path: string): void {
  try {
    unlinkSync(path);
    syncDirectory(path.slice(0, path.lastIndexOf("/")));
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

function isKeptUndo(value: unknown): value is KeptUndo {
  return isJournal(value) && "restoredAt" in value && typeof value.restoredAt === "string";
}

function isJournal(value: unknown): value is Journal {
  return (
    isRecord(value) &&
    value["version"] === 1 &&
    typeof value["id"] === "string" &&
    typeof value["keptUntil"] === "string" &&
    isRecord(value["backup"]) &&
    /^[-0-9a-f]+$/u.test(value["id"]) &&
    ["staging", "stopping", "swapping", "committed"].includes(String(value["phase"])) &&
    Array.isArray(value["roots"]) &&
    value["roots"].every((root) => isRecord(root) && typeof root["root"] === "string")
  );
}
