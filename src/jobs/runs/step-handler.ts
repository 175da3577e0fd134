import type { RunBackup, Step, StepKind } from "#core/model/run.ts";
import type { ReportProgress } from "#core/ports.ts";

/** What a step has at hand while it is carried out. */
export interface StepContext {
  readonly step: Step;
  /** Fires when the run is cancelled and when the step stalls. */
  readonly signal: AbortSignal;
  /** Told often; a step that tells of nothing new for too long is ended. */
  readonly report: ReportProgress;
  /** Keeps a line with the step; no secret, and no name of a file in a backup. */
  readonly log: (text: string) => void;
  /**
   * Tells which archive is being made, before it can appear: so that its name is known if this process
   * dies. Resolves when that is in the journal.
   */
  readonly name: (backup: RunBackup) => Promise<void>;
  /** Tells that the archive is at another location of the run than the step is about. */
  readonly madeElsewhere: (location: string) => void;
}

/**
 * Carries a step out, whole or not at all. May be called again after a failure. Rejects soon after its
 * signal has fired, with nothing left behind.
 */
export type StepHandler = (context: StepContext) => Promise<void>;

/** How each kind of step is carried out. A run with a step of another kind fails there. */
export type StepHandlers = Readonly<Partial<Record<StepKind, StepHandler>>>;
