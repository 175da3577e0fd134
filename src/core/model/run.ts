import type { Progress } from "../ports.ts";
import type { Problem } from "./problem.ts";

/** One execution of a plan or of a manual request. Times are milliseconds since 1970. */
export interface Run {
  /** Id of the home. */
  readonly home: string;
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly trigger: RunTrigger;
  readonly created: number;
  /** When the last of its steps ended. */
  readonly ended: number | undefined;
  /** Whose process carries it out. */
  readonly owner: RunOwner;
  /** Last sign of life of the owner. */
  readonly beat: number;
  /** When somebody asked for its end. */
  readonly cancelAsked: number | undefined;
  /** The backup that it is about; of one that it makes, from the moment on when it has a name. */
  readonly backup: RunBackup | undefined;
  /** In an order in which each stands behind what it needs; if one makes, it is the first. */
  readonly steps: readonly Step[];
}

/** Why there is a run. */
export type RunTrigger =
  | { readonly kind: "manual" }
  /** `plan`: id of the plan. */
  | { readonly kind: "plan"; readonly plan: string };

/** Names one process for good: its number alone is given again to others. */
export interface RunOwner {
  readonly pid: number;
  /** Start of the process in the system's units; undefined where the system does not tell. */
  readonly start: string | undefined;
  /** Id of the boot of the machine. */
  readonly boot: string | undefined;
  /** The space in which `pid` counts: containers have their own. */
  readonly space: string | undefined;
}

export interface RunBackup {
  readonly slug: string;
  readonly name: string;
  /** Of the archive, at the location of `make` and at every location that it is delivered to. */
  readonly fileName: string;
}

/**
 * `make` an archive, `deliver` it to a location, `verify` it there, `prune` the location; `restore` one onto
 * the home, `undo` the last restore, `reencrypt` what lies at a location.
 */
export type StepKind = "make" | "deliver" | "verify" | "prune" | "restore" | "undo" | "reencrypt";

export type StepState =
  | "queued"
  | "running"
  /** Failed for a reason that may pass; tried again from `retryAt` on. */
  | "waiting-to-retry"
  | "done"
  | "failed"
  | "cancelled"
  /** Never begun: what it needs did not come about. */
  | "skipped";

export interface Step {
  readonly kind: StepKind;
  /** Id of the location that it is about. */
  readonly location: string;
  readonly state: StepState;
  /** How often it was begun. */
  readonly attempts: number;
  /** Of the present attempt, or of the last one. */
  readonly started: number | undefined;
  readonly ended: number | undefined;
  /** Only while it waits to be tried again. */
  readonly retryAt: number | undefined;
  /** Of the present attempt, or of the last one. */
  readonly progress: Progress | undefined;
  /** Why the last attempt failed. */
  readonly error: StepError | undefined;
  /** The last lines, oldest first; bounded. */
  readonly log: readonly LogLine[];
}

export interface StepError {
  /** `fault`: a fault of this program. `interrupted`: the process that was at work is gone. */
  readonly problem: Problem | "fault" | "interrupted";
  readonly message: string;
  readonly advice?: string;
}

export interface LogLine {
  readonly at: number;
  /** One line; no secret, and no name of a file in a backup. */
  readonly text: string;
}
