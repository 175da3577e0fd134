import type { SelectionRequest } from "#core/plan/resolve-selection.ts";
import type { ServiceOptions } from "#installation/installation.ts";

/** What a person wants restored, and what they agree to. */
export interface RestoreRequest extends ServiceOptions {
  readonly selection: SelectionRequest;
  /** Stop after the plan: nothing is changed. */
  readonly dryRun: boolean;
  /** Also remove what is otherwise carried over. */
  readonly exact: boolean;
  /** Give up the undo of an earlier restore. */
  readonly replaceUndo: boolean;
}
