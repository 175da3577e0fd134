/**
 * Why something could not be done. A closed list: every edge (exit code, API status, text) decides by
 * it, so two causes that ask for different next steps are two problems.
 */
export type Problem =
  /** The request makes no sense as it stands. */
  | "usage"
  | "not-found"
  | "already-exists"
  /** The password opens nothing, or one is needed and none was given. */
  | "wrong-password"
  | "password-needed"
  /** Bytes are not what was written. */
  | "damaged"
  /** The file ends too early. */
  | "truncated"
  /** Readable, but no Home Assistant backup. */
  | "not-a-backup"
  /** A format version that this program does not know. */
  | "unknown-version"
  | "no-space"
  | "denied"
  | "unreachable"
  /** Somebody else holds the lease. */
  | "busy"
  /** Home Assistant runs and nobody said how to stop it. */
  | "home-alive"
  /** The backup comes from a newer version than the target. */
  | "newer-version"
  /** Would drop something that a person has to agree to first. */
  | "confirmation-needed"
  | "read-only"
  | "cancelled"
  /** A command that we were told to run failed. */
  | "command-failed"
  | "unsupported"
  /** Done, but not everything of it. */
  | "incomplete";

export interface ProblemDetails {
  /** The part, file or place concerned. */
  readonly subject?: string;
  /** What to do next, as a sentence without full stop. */
  readonly advice?: string;
  readonly cause?: unknown;
  /** Facts for `--json`, such as the two numbers of `no-space`. No secrets. */
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>;
}

/** A failure that a person can act on. Everything else that is thrown is a fault of this program. */
export class SafehouseError extends Error {
  override readonly name = "SafehouseError";
  readonly problem: Problem;
  readonly subject: string | undefined;
  readonly advice: string | undefined;
  readonly facts: ProblemDetails["facts"];

  /** @param message a sentence: what failed, where and why; no full stop, no secret */
  constructor(problem: Problem, message: string, details: ProblemDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.problem = problem;
    this.subject = details.subject;
    this.advice = details.advice;
    this.facts = details.facts;
  }
}
