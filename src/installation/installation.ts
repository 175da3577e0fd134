import type { BackupAddon } from "#core/model/backup.ts";
import type { EntryNote, PartEvents } from "#core/model/part-event.ts";
import type { Part } from "#core/model/part.ts";
import type { Selection } from "#core/model/selection.ts";
import type { Rule } from "#core/rules/rule.ts";
import type { ReportProgress } from "#core/ports.ts";

/** What is protected, and how we reach it. */
export interface Installation {
  /** • Lists what could be backed up right now; a part whose path is absent is not listed. */
  describe(signal: AbortSignal): Promise<InstallationState>;

  /**
   * Opens one part for reading. The stream ends when the part has been read.
   * • A file that cannot be read, vanishes or changes its length never ends the stream: a note says so.
   * • Every SQLite database comes as one consistent, checked snapshot, `…-wal` beside it empty.
   * • Symbolic links are never followed; a second hard link is a second full file.
   * • Aborting ends the stream and leaves nothing behind.
   */
  read(part: Part, options: ReadOptions, signal: AbortSignal): PartEvents;

  /** Adds up what `read` would give, from names and sizes and a few samples of the content. */
  measure(part: Part, options: ReadOptions, signal: AbortSignal): Promise<PartMeasure>;

  /** • Adds up files and bytes per rule without writing anything. */
  preview(selection: Selection, rules: readonly Rule[], signal: AbortSignal): Promise<RulesPreview>;

  /**
   * Finishes or rolls back whatever an earlier process left: an interrupted restore, a stopped service,
   * scratch files. • After it the home is wholly old or wholly new. Safe to call at any time.
   */
  recover(signal: AbortSignal): Promise<Recovery>;

  /** Begins a restore. Rejects with `busy`, `read-only` or `home-alive` before anything has changed. */
  openRestore(options: RestoreOptions, signal: AbortSignal): Promise<RestoreSession>;

  /** The undo that is kept, or undefined. */
  undoState(): Promise<UndoState | undefined>;

  /** • Brings the state before the last restore back, byte for byte. Rejects with `not-found`. */
  undo(options: UndoOptions, signal: AbortSignal): Promise<UndoReport>;
}

export interface InstallationState {
  /** Version of Home Assistant, from its own files; undefined if there are none. */
  readonly homeassistantVersion: string | undefined;
  readonly parts: readonly Part[];
  readonly addons: readonly BackupAddon[];
}

export interface ReadOptions {
  /** Include the recorder database; meant for `homeassistant` only. */
  readonly database: boolean;
  /** User rules in force, after the official exclusions. */
  readonly rules: readonly Rule[];
}

export interface PartMeasure {
  readonly files: number;
  /** Sum of file sizes. */
  readonly bytes: number;
  /** Compressed by uncompressed bytes of some samples; undefined where nothing was sampled. */
  readonly sampledRatio: number | undefined;
  /** Files, folders and links. */
  readonly entries: number;
  /** UTF-8 bytes of all their paths and of what links point to. */
  readonly nameBytes: number;
}

export interface RulesPreview {
  /** One row per rule, in the order of the rules; official exclusions come first, marked. */
  readonly rules: readonly {
    readonly rule: string;
    readonly official: boolean;
    readonly files: number;
    readonly bytes: number;
  }[];
  /** What goes in. */
  readonly parts: readonly {
    readonly part: string;
    readonly files: number;
    readonly bytes: number;
  }[];
}

export interface Recovery {
  /** Sentences about what was found and done; empty when there was nothing. */
  readonly actions: readonly string[];
}

/** How Home Assistant is kept away from its files while they are swapped. */
export interface ServiceOptions {
  /** The user says that Home Assistant is stopped. */
  readonly stopped: boolean;
  /** Shell commands that bracket the swap. */
  readonly stopCommand?: string;
  readonly startCommand?: string;
  /** Where Home Assistant answers over HTTP once it runs; asked after the start command. */
  readonly checkUrl?: string;
}

/**
 * What is known of Home Assistant afterwards. `started`: the start command succeeded, and nobody said where
 * it answers. `not-running`: the start command failed, or nothing answers.
 */
export type ServiceState = "untouched" | "started" | "answers" | "not-running";

export interface RestoreOptions extends ServiceOptions {
  /** Slug and name of the backup, for the undo that is kept. */
  readonly slug: string;
  readonly name: string;
  /** Parts that will be restored: what stands against it is told at once. */
  readonly parts: readonly Part[];
  /** Also remove what is otherwise carried over. */
  readonly exact: boolean;
  /** Replace the undo of an earlier restore. Without it an existing undo means `confirmation-needed`. */
  readonly replaceUndo: boolean;
}

/** What the archive knows about a part that is about to be staged. */
export interface PartToRestore {
  readonly part: Part;
  /** Sum of file sizes if it is known (from an index); undefined otherwise. */
  readonly bytes: number | undefined;
  /** Rules that were in force when the backup was made: what they left out is carried over. */
  readonly rules: readonly Rule[];
  /** For `homeassistant`: whether the database is to be restored, and whether the archive has it. */
  readonly database: boolean;
}

/**
 * One restore. Nothing of the home changes before `swap`. Dispose of it in every case: an open session
 * that is disposed without `swap` removes its stage and releases its leases.
 */
export interface RestoreSession extends AsyncDisposable {
  /** Rejects with `no-space`, with both numbers, if the parts cannot fit. */
  checkSpace(parts: readonly PartToRestore[]): Promise<void>;
  /** • Writes one part into the stage. Rejects leave the home as it was. Returns notes on skipped entries. */
  stage(part: PartToRestore, events: PartEvents, signal: AbortSignal): Promise<StagedPart>;
  /** What the swap would do, counted and listed. */
  plan(): Promise<RestorePlan>;
  /**
   * Stops Home Assistant (lease), swaps by renames under the journal, starts it again.
   * • A crash at any moment ends, after `recover`, in the old state or in the new one.
   */
  swap(report: ReportProgress, signal: AbortSignal): Promise<RestoreOutcome>;
}

export interface StagedPart {
  readonly part: Part;
  readonly files: number;
  readonly bytes: number;
  readonly notes: readonly EntryNote[];
}

export interface RestorePlan {
  readonly parts: readonly PartPlan[];
  /** Bytes that the stage and the undo take beyond what the home uses now. */
  readonly extraBytes: number;
}

/** What becomes of one part. Of each list of paths the first 10,000 are there; `counts` has them all. */
export interface PartPlan {
  readonly part: string;
  readonly added: readonly string[];
  readonly replaced: readonly string[];
  readonly unchanged: number;
  readonly removed: readonly string[];
  readonly carriedOver: readonly string[];
  readonly counts: Readonly<Record<"added" | "replaced" | "removed" | "carriedOver", number>>;
}

export interface RestoreOutcome {
  /** Until when the undo is kept, ISO date-time. */
  readonly undoUntil: string;
  readonly service: ServiceState;
  /** Warnings: the start command failed, Home Assistant does not answer … */
  readonly warnings: readonly string[];
}

export interface UndoState {
  /** Slug and name of the backup that was restored. */
  readonly slug: string;
  readonly name: string;
  readonly restoredAt: string;
  readonly keptUntil: string;
  readonly bytes: number;
  /** Paths that changed since the restore and would be dropped by an undo. */
  readonly newerData: readonly string[];
}

export interface UndoOptions extends ServiceOptions {
  /** Agree to drop what is newer than the restore. Without it newer data means `confirmation-needed`. */
  readonly dropNewer: boolean;
}

export interface UndoReport {
  readonly parts: readonly string[];
  readonly dropped: readonly string[];
  readonly service: ServiceState;
  readonly warnings: readonly string[];
}
