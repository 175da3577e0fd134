import type { SelectionRequest } from "#core/plan/resolve-selection.ts";

/** What a person wants restored, and what they agree to. */
export interface RestoreRequest {
  readonly selection: SelectionRequest;
  /** Stop after the plan: nothing is changed. */
  readonly dryRun: boolean;
  /** Also remove what is otherwise carried over. */
  readonly exact: boolean;
  /** Home Assistant is stopped. */
  readonly stopped: boolean;
  /** Give up the undo of an earlier restore. */
  readonly replaceUndo: boolean;
  readonly stopCommand?: string;
  readonly startCommand?: string;
}
