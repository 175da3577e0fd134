import { createHash } from "node:crypto";

/** A job as the Supervisor answers it. */
export interface Job {
  readonly name: string;
  readonly reference: string | null;
  /** 32 hexadecimal digits. */
  readonly uuid: string;
  /** Percent. */
  readonly progress: number;
  readonly stage: string | null;
  /** `null`: not begun. */
  readonly done: boolean | null;
  readonly errors: readonly JobError[];
  /** ISO date-time. */
  readonly created: string;
  readonly extra: null;
  readonly child_jobs: readonly Job[];
}

export interface JobError {
  /** Name of the official class of errors. */
  readonly type: string;
  readonly message: string;
  readonly stage: string | null;
  readonly error_key: null;
  readonly extra_fields: null;
}

/** What tells one job within the tree of a piece of work. */
export type JobSeed = Pick<Job, "name" | "reference" | "done"> &
  Partial<Pick<Job, "stage" | "progress">> & {
    /** What went wrong, as sentences. */
    readonly failures?: readonly string[];
    readonly children?: readonly JobSeed[];
  };

/** Builds the tree of one piece of work; jobs below its root get ids that stay the same from answer to answer. */
export function jobTree(seed: JobSeed, { id, created }: { id: string; created: string }): Job {
  const { name, reference, done, stage = null, failures = [], children = [] } = seed;
  const progress = seed.progress ?? (done === true && failures.length === 0 ? 100 : 0);
  return {
    name,
    reference,
    uuid: id,
    progress,
    stage,
    done,
    errors: failures.map((message) => jobError(message, stage)),
    created,
    extra: null,
    child_jobs: children.map((child) => jobTree(child, { id: idBelow(id, child), created })),
  };
}

function jobError(message: string, stage: string | null): JobError {
  return { type: "BackupError", message, stage, error_key: null, extra_fields: null };
}

function idBelow(parent: string, { name, reference }: JobSeed): string {
  const path = JSON.stringify([parent, name, reference]);
  return createHash("sha256").update(path).digest("hex").slice(0, 32);
}
