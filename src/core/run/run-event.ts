import type { RunBackup, RunOwner, StepError } from "../model/run.ts";
import type { Progress } from "../ports.ts";

/** Something that happens to a run. `step` is a number in its list; `at` is milliseconds since 1970. */
export type RunEvent =
  | { readonly kind: "started"; readonly step: number; readonly at: number }
  | { readonly kind: "progressed"; readonly step: number; readonly progress: Progress }
  | {
      readonly kind: "logged";
      readonly step: number;
      readonly at: number;
      readonly text: string;
    }
  /** The archive has its name; it is there once `make` is done. */
  | { readonly kind: "named"; readonly backup: RunBackup }
  /** The archive is at another location than `make` is about, which gets a copy instead. */
  | { readonly kind: "made-elsewhere"; readonly location: string }
  | { readonly kind: "done"; readonly step: number; readonly at: number }
  /** `retryAt`: when it is tried again; undefined if that is of no use. */
  | {
      readonly kind: "failed";
      readonly step: number;
      readonly at: number;
      readonly error: StepError;
      readonly retryAt: number | undefined;
    }
  /** Somebody asks for the end of the run. */
  | { readonly kind: "cancel-asked"; readonly at: number }
  /** A step that was at work has stopped because it was asked to. */
  | { readonly kind: "stopped"; readonly step: number; readonly at: number }
  /**
   * The owner is dead. `made`: what it was making is there all the same. `aftermath`: by location, what
   * became of what was left, as the end of a sentence.
   */
  | {
      readonly kind: "owner-died";
      readonly at: number;
      readonly made: boolean;
      readonly aftermath: Readonly<Record<string, string>>;
    }
  /** A process goes on with what a dead owner had not begun. */
  | { readonly kind: "adopted"; readonly at: number; readonly owner: RunOwner }
  /** Nobody goes on with it. */
  | { readonly kind: "abandoned"; readonly at: number };
