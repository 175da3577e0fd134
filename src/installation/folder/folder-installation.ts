import type { PartEvents } from "#core/model/part-event.ts";
import type { Part } from "#core/model/part.ts";
import type { Selection } from "#core/model/selection.ts";
import type { Clock } from "#core/ports.ts";
import type { Rule } from "#core/rules/rule.ts";
import type {
  Installation,
  InstallationState,
  PartMeasure,
  ReadOptions,
  Recovery,
  RestoreOptions,
  RestoreSession,
  RulesPreview,
  UndoOptions,
  UndoReport,
  UndoState,
} from "../installation.ts";
import type { HomePaths } from "./home-paths.ts";
import { describeHome } from "./read/describe-home.ts";
import { measurePart } from "./read/measure-part.ts";
import { previewRules } from "./read/preview-rules.ts";
import { readPart } from "./read/read-part.ts";
import { removeStaleScratch } from "./read/scratch.ts";
import { openRestore } from "./restore/open-restore.ts";
import { recover } from "./restore/recover.ts";
import type { RestoreHome } from "./restore/restore-home.ts";
import { undoState } from "./restore/undo-state.ts";
import { undo } from "./restore/undo.ts";

/** A home whose parts are folders of this machine. */
export class FolderInstallation implements Installation {
  readonly #home: RestoreHome;

  constructor(paths: HomePaths, clock: Clock) {
    this.#home = { paths, clock };
  }

  async describe(signal: AbortSignal): Promise<InstallationState> {
    signal.throwIfAborted();
    return describeHome(this.#home.paths);
  }

  read(part: Part, options: ReadOptions, signal: AbortSignal): PartEvents {
    return readPart(this.#home.paths, { part, ...options }, signal);
  }

  async measure(part: Part, options: ReadOptions, signal: AbortSignal): Promise<PartMeasure> {
    const { incompressibleBytes, ...measured } = await measurePart(
      this.#home.paths,
      { part, ...options },
      signal,
    );
    const { bytes } = measured;
    const compressible = bytes - incompressibleBytes;
    const sampledRatio =
      bytes === 0 ? undefined : (incompressibleBytes + usualRatio * compressible) / bytes;
    return { ...measured, sampledRatio };
  }

  preview(
    selection: Selection,
    rules: readonly Rule[],
    signal: AbortSignal,
  ): Promise<RulesPreview> {
    return previewRules(this.#home.paths, { selection, rules }, signal);
  }

  async recover(signal: AbortSignal): Promise<Recovery> {
    const { actions } = await recover(this.#home, signal);
    const scratch = await removeStaleScratch(this.#home.paths.dataDir);
    const left =
      scratch.length === 0
        ? []
        : ["Removed copies of databases that an interrupted backup had left"];
    return { actions: [...actions, ...left] };
  }

  openRestore(options: RestoreOptions, signal: AbortSignal): Promise<RestoreSession> {
    return openRestore(this.#home, options, signal);
  }

  async undoState(): Promise<UndoState | undefined> {
    return undoState(this.#home);
  }

  undo(options: UndoOptions, signal: AbortSignal): Promise<UndoReport> {
    return undo(this.#home, options, signal);
  }
}

/** What text and databases of a home compress to, by experience; only for the first estimate. */
const usualRatio = 0.4;
