import { StorageError, type StorageProblem } from "../errors.ts";
import { SmbConnectionError, SmbError, type ConnectionTrouble } from "./protocol/smb-error.ts";
import { ntStatus, type NtStatusName } from "./protocol/status.ts";
import type { SmbSettings } from "./settings.ts";

/** What to do about a failure at set-up, as a sentence without full stop; undefined where nobody knows. */
export function adviceFor(error: unknown, settings: SmbSettings): string | undefined {
  const cause = error instanceof StorageError ? (error.cause ?? error) : error;
  if (cause instanceof SmbError) {
    if (settings.user === "" && cause.status === ntStatus.ACCESS_DENIED) return guestsAreOut;
    return byStatus.get(cause.status) ?? byProblem(error);
  }
  if (cause instanceof SmbConnectionError) return byTrouble[cause.trouble];
  return byProblem(error);
}

function byProblem(error: unknown): string | undefined {
  return error instanceof StorageError ? problems[error.problem] : undefined;
}

const problems: Partial<Readonly<Record<StorageProblem, string>>> = {
  unreachable: "Make the folder in the share, or set the location up anew",
  full: "Free some space on the server",
};

const guestsAreOut = "The server does not let guests in: set a user and a password";
const newPassword = "Set a new password on the server";
const checkPassword = "Check user and password; a user of a domain needs the domain, too";

const advice: Partial<Readonly<Record<NtStatusName, string>>> = {
  LOGON_FAILURE: checkPassword,
  WRONG_PASSWORD: checkPassword,
  NO_SUCH_USER: checkPassword,
  ACCOUNT_DISABLED: "Enable the account on the server",
  ACCOUNT_LOCKED_OUT: "Wait until the server lets the account in again, or unlock it there",
  ACCOUNT_RESTRICTION:
    "Let the account sign in over the network; one without password often may not",
  LOGON_TYPE_NOT_GRANTED: "Let the account sign in over the network",
  PASSWORD_EXPIRED: newPassword,
  PASSWORD_MUST_CHANGE: newPassword,
  ACCESS_DENIED: "Let this user write to the share and the folder, on the server",
  MEDIA_WRITE_PROTECTED: "Make the disk writable on the server",
  PATH_NOT_COVERED: "Use host and share of the server that the folder lies on",
  TOO_MANY_SESSIONS: "End other sessions on the server, or allow more of them",
  REQUEST_NOT_ACCEPTED: "End other sessions on the server, or allow more of them",
};

const byStatus = new Map(
  Object.entries(advice).map(([name, text]) => [ntStatus[name as NtStatusName] as number, text]),
);

const byTrouble: Readonly<Record<ConnectionTrouble, string>> = {
  lost: "Check that the server is set to speak SMB2 or SMB3, and that no firewall cuts connections",
  "not-connected": "Check that the server is on and in the network",
  silent: "Check that the server is on, and that no firewall is between",
  "not-understood": "Check the port: something else seems to answer there",
  "not-genuine":
    "Something between this machine and the server changes what is sent: find out what",
  "not-offered":
    "Switch on SMB2 or SMB3 on the server, and what the settings ask for, or ask for less",
  "only-a-guest": "Check the user: the server does not know it",
};
