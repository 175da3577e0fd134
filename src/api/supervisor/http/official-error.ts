import { SafehouseError } from "#core/model/problem.ts";

/** Statuses of errors that the official command line understands, as far as they occur here. */
export type OfficialStatus = 400 | 401 | 403 | 404 | 500;

export interface OfficialErrorDetails {
  readonly status?: OfficialStatus;
  /** Id of the job that failed. */
  readonly jobId?: string;
  /** Name of the error and its values, for programs that word it themselves. */
  readonly key?: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** Headers of the answer. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A failure in the Supervisor's words, as clients test for them. */
export class OfficialError extends Error {
  override readonly name = "OfficialError";
  readonly status: OfficialStatus;
  readonly details: OfficialErrorDetails;

  constructor(message: string, details: OfficialErrorDetails = {}) {
    super(message);
    this.status = details.status ?? 400;
    this.details = details;
  }
}

/** What was being done when something failed, as far as the official words speak of it. */
export interface Concern {
  readonly slug?: string;
  /** Method of the Supervisor's backup manager that would have done it. */
  readonly method?: BackupMethod;
  /** Backup mounts that take part. */
  readonly mounts?: readonly string[];
  /** What it means if something is not found: that a file has gone. */
  readonly vanished?: string;
}

export type BackupMethod =
  | "do_backup_full"
  | "do_backup_partial"
  | "do_restore_full"
  | "do_restore_partial"
  | "freeze_all"
  | "thaw_all";

/** Hands on what `work` comes to; a failure that a person can act on is told in official words. */
export async function inOfficialWords<T>(work: Promise<T>, concern: Concern): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof SafehouseError ? officialErrorOf(error, concern) : error;
  }
}

/** A failure of ours in official words where there are some, else in its own. */
export function officialErrorOf(error: SafehouseError, concern: Concern = {}): OfficialError {
  const { slug, method } = concern;
  if (slug !== undefined && passwordProblems.has(error.problem))
    return new OfficialError(`Invalid password for backup ${slug}`);
  if (method !== undefined && error.problem === "busy") return notRunning(method);
  if (method !== undefined && error.problem === "no-space") return noSpace(method, error);
  if (concern.vanished !== undefined && error.problem === "not-found")
    return new OfficialError(concern.vanished, { status: 404 });
  if (error.problem === "unreachable") return mountDown(error, concern);
  return new OfficialError(sentenceOf(error));
}

/** The condition of a method of the backup manager does not hold. @param reason as the end of a sentence */
export function blocked(method: BackupMethod, reason: string): OfficialError {
  return new OfficialError(`'BackupManager.${method}' blocked from execution, ${reason}`);
}

/** Only one backup, restore or freeze at a time. */
export function notRunning(method: BackupMethod): OfficialError {
  return blocked(method, "system is not running - freeze");
}

/** What happened and what to do next, on one line. */
export function sentenceOf({ message, advice }: SafehouseError): string {
  return advice === undefined ? message : `${message}. ${advice}`;
}

const passwordProblems: ReadonlySet<string> = new Set(["wrong-password", "password-needed"]);

function noSpace(method: BackupMethod, error: SafehouseError): OfficialError {
  const bytes = error.facts?.["freeBytes"];
  if (typeof bytes !== "number") return blocked(method, sentenceOf(error));
  const free = Math.round((bytes / 1024 ** 3) * 10) / 10;
  return blocked(method, `not enough free space (${free}GB) left on the device`);
}

function mountDown(error: SafehouseError, { mounts = [] }: Concern): OfficialError {
  const mount = mounts.find((name) => name === error.subject) ?? mounts[0];
  if (mount === undefined) return new OfficialError(sentenceOf(error));
  return new OfficialError(`Backup mount '${mount}' is down`, {
    key: "backup_mount_down",
    fields: { mount },
  });
}
