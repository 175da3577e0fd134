import type { Run } from "#core/model/run.ts";

/**
 * What is known of runs, over restarts and for all processes that look after a home. Ended runs are
 * forgotten when there are too many of them.
 */
export interface RunJournal {
  /** The runs of a home that have not been forgotten, newest first. */
  list(home: string): Promise<readonly Run[]>;

  /** Those of them that have not ended, oldest first. */
  open(home: string): Promise<readonly Run[]>;

  /** The runs that ended at a time or later, in milliseconds since 1970, and have not been forgotten. */
  endedSince(home: string, time: number): Promise<readonly Run[]>;

  /**
   * Decides about a run and keeps what comes out, as one step that excludes every other change in this
   * process and in others. Nothing is kept if the decision is undefined or throws; then that is what it
   * rejects with. A decision may be asked for again, so it has no effects.
   */
  change(home: string, id: string, decide: RunDecision): Promise<void>;
}

/**
 * @param stored the run as it is known; undefined if it is not, or no more
 * @param open all runs of the home that have not ended, oldest first
 */
export type RunDecision = (stored: Run | undefined, open: readonly Run[]) => Run | undefined;
