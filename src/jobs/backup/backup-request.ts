import type { SelectionRequest } from "#core/plan/resolve-selection.ts";
import type { Rule } from "#core/rules/rule.ts";
import type { BackupKeys } from "#keys/backup-keys.ts";

/** What a person or a plan wants backed up. */
export interface BackupRequest {
  /** Undefined gives a name that says what is in it. */
  readonly name: string | undefined;
  /** Of the archive, ends in `.tar`; undefined gives one made of its date and name. */
  readonly fileName?: string | undefined;
  readonly selection: SelectionRequest;
  /** User rules in force, in order. */
  readonly rules: readonly Rule[];
  readonly encryption: { readonly version: 2 | 3; readonly keys: BackupKeys } | undefined;
  readonly compressed: boolean;
  /** Read the archive back when it is written. */
  readonly verify: boolean;
  /** Kept in `extra` of `backup.json` as it is. */
  readonly extra: Readonly<Record<string, unknown>>;
}
