import { ntStatus, statusName, type NtStatusName } from "./status.ts";

/** A server has answered that it will not. */
export class SmbError extends Error {
  override readonly name = "SmbError";
  /** Code of [MS-ERREF] 2.3. */
  readonly status: number;

  constructor(status: number) {
    super(`The server says ${statusName(status)}`);
    this.status = status;
  }
}

/** Why there is no answer. */
export type ConnectionTrouble =
  /** The connection was cut, by whomever. Before the first answer of a server that may mean that it only speaks SMB1. */
  | "lost"
  /** There was none to begin with; `cause` is the system's error. */
  | "not-connected"
  /** Nothing answered in time. */
  | "silent"
  /** Something answered that is not SMB as we know it, or not what was agreed upon. */
  | "not-understood"
  /** A signature or a seal is wrong or missing: the bytes are not the server's, or not for us. */
  | "not-genuine"
  /** The server cannot do what the settings ask for. */
  | "not-offered"
  /** The server knows no such user and has let us in as a guest, though we have named one. */
  | "only-a-guest";

/** A connection to a server cannot be had, or no longer. */
export class SmbConnectionError extends Error {
  override readonly name = "SmbConnectionError";
  readonly trouble: ConnectionTrouble;

  /** @param message a part of a sentence that says what happened; no secret */
  constructor(trouble: ConnectionTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
    this.trouble = trouble;
  }
}

/** True for an answer with one of the names. */
export function isStatus(error: unknown, ...names: readonly NtStatusName[]): error is SmbError {
  return error instanceof SmbError && names.some((name) => ntStatus[name] === error.status);
}
