import type { EntryNote } from "#core/model/part-event.ts";
import type { RestorePlan, ServiceState } from "#installation/installation.ts";

/** What became of one part. */
export interface RestoredPart {
  readonly part: string;
  /**
   * `restored`: everything in it. `warnings`: restored, but single entries were left out or need a look.
   * `skipped`: there is no place for it here, or it was not asked for by what we can restore.
   */
  readonly status: "restored" | "warnings" | "skipped";
  readonly files: number;
  readonly bytes: number;
  readonly notes: readonly EntryNote[];
  /** Why it was skipped. */
  readonly reason?: string;
}

export interface RestoreResult {
  /** `planned`: a dry run. `incomplete`: something that was asked for is not there now. */
  readonly status: "complete" | "warnings" | "incomplete" | "planned";
  readonly slug: string;
  readonly name: string;
  readonly date: string;
  readonly parts: readonly RestoredPart[];
  readonly plan: RestorePlan;
  /** Until when the earlier state can be brought back, ISO date-time; undefined for a dry run. */
  readonly undoUntil: string | undefined;
  /** Undefined for a dry run. */
  readonly service: ServiceState | undefined;
  readonly warnings: readonly string[];
}
