import type { Part } from "#core/model/part.ts";
import type { RunState } from "#core/run/run-state.ts";
import type { DescribedRun } from "#jobs/runs/describe-run.ts";

/** Backups and restores as work that goes on or has ended. */
export interface SupervisorJobs {
  /** Newest first; what `forget` was told is left out. */
  list(): Promise<readonly Work[]>;
  /** Does not list it again. Only for work that has ended; the journal of runs keeps it. */
  forget(id: string): Promise<void>;
  /** Conditions that a client wants ignored. They are kept for it and have no effect. */
  ignoredConditions(): Promise<readonly string[]>;
  setIgnoredConditions(conditions: readonly string[]): Promise<void>;
}

export type Work = BackupWork | RestoreWork;

export interface BackupWork {
  readonly work: "backup";
  readonly run: DescribedRun;
  readonly full: boolean;
  readonly parts: readonly WorkPart[];
}

export interface RestoreWork {
  readonly work: "restore";
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly slug: string;
  /** ISO date-time. */
  readonly created: string;
  readonly state: RunState;
  readonly full: boolean;
  readonly parts: readonly WorkPart[];
  /** What failed besides single parts, as a sentence. */
  readonly error: string | undefined;
}

/** What has become of one part that was asked for. */
export interface WorkPart {
  readonly part: Part;
  readonly state: "queued" | "running" | "done" | "failed";
  /** Why it failed, as a sentence. */
  readonly error: string | undefined;
}
