import { StorageError, type StorageErrorDetails, type StorageProblem } from "../errors.ts";
import { SmbConnectionError, SmbError, type ConnectionTrouble } from "./protocol/smb-error.ts";
import { ntStatus, statusName, type NtStatusName } from "./protocol/status.ts";

/** What an error is about: an object, and where it lies. */
export interface ErrorSubject {
  readonly key?: string | undefined;
  /** The place, for people: `//host/share/path`. */
  readonly where: string;
}

/** Runs the work; errors of the protocol come out as `StorageError`s, all others as they are. */
export async function translating<Result>(
  subject: ErrorSubject,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asStorageError(error, subject);
  }
}

export function asStorageError(error: unknown, { key, where }: ErrorSubject): unknown {
  const details: StorageErrorDetails = { cause: error, ...(key === undefined ? {} : { key }) };
  const subject = key === undefined ? where : `${key} at ${where}`;
  if (error instanceof SmbConnectionError)
    return new StorageError(problemOfTrouble[error.trouble], `${where}: ${error.message}`, details);
  if (!(error instanceof SmbError)) return error;
  const [problem, text] = meaning.get(error.status) ?? ["unreachable", "the server will not"];
  return new StorageError(problem, `${subject}: ${text} (${statusName(error.status)})`, details);
}

const problemOfTrouble: Readonly<Record<ConnectionTrouble, StorageProblem>> = {
  lost: "unreachable",
  "not-connected": "unreachable",
  silent: "unreachable",
  "not-understood": "unreachable",
  "not-genuine": "damaged",
  "not-offered": "unsupported",
  "only-a-guest": "sign-in",
};

const wrongPassword = "user or password is wrong";
const notThere = "no such object";
const gone = "the server has ended the session";
const broken = "the server cannot read or write its disk there";

const table: Partial<Readonly<Record<NtStatusName, readonly [StorageProblem, string]>>> = {
  OBJECT_NAME_NOT_FOUND: ["not-found", notThere],
  OBJECT_PATH_NOT_FOUND: ["not-found", notThere],
  NO_SUCH_FILE: ["not-found", notThere],
  DELETE_PENDING: ["not-found", notThere],
  FILE_DELETED: ["not-found", notThere],
  // Links are not followed and folders are no objects.
  STOPPED_ON_SYMLINK: ["not-found", notThere],
  FILE_IS_A_DIRECTORY: ["not-found", notThere],
  NOT_A_DIRECTORY: ["not-found", notThere],
  OBJECT_NAME_COLLISION: ["already-exists", "exists already"],
  ACCESS_DENIED: ["denied", "no permission"],
  NETWORK_ACCESS_DENIED: ["denied", "no permission"],
  CANNOT_DELETE: ["denied", "the file is write-protected"],
  MEDIA_WRITE_PROTECTED: ["read-only", "the disk is write-protected"],
  LOGON_FAILURE: ["sign-in", wrongPassword],
  WRONG_PASSWORD: ["sign-in", wrongPassword],
  NO_SUCH_USER: ["sign-in", wrongPassword],
  ACCOUNT_DISABLED: ["sign-in", "the account is disabled"],
  ACCOUNT_LOCKED_OUT: ["sign-in", "the account is locked after too many wrong passwords"],
  ACCOUNT_RESTRICTION: ["sign-in", "the account may not sign in over the network"],
  LOGON_TYPE_NOT_GRANTED: ["sign-in", "the account may not sign in over the network"],
  INVALID_LOGON_HOURS: ["sign-in", "the account may not sign in at this hour"],
  INVALID_WORKSTATION: ["sign-in", "the account may not sign in from here"],
  PASSWORD_EXPIRED: ["sign-in", "the password has expired"],
  PASSWORD_MUST_CHANGE: ["sign-in", "the password has to be changed first"],
  DISK_FULL: ["full", "no space left"],
  QUOTA_EXCEEDED: ["full", "the quota is used up"],
  DISK_QUOTA_EXCEEDED: ["full", "the quota is used up"],
  FILE_TOO_LARGE: ["too-large", "too large for the server's file system"],
  SHARING_VIOLATION: ["busy", "somebody else has it open"],
  FILE_LOCK_CONFLICT: ["busy", "somebody else has locked it"],
  INSUFFICIENT_RESOURCES: ["busy", "the server is short of memory"],
  TOO_MANY_OPENED_FILES: ["busy", "too many files are open"],
  TOO_MANY_SESSIONS: ["busy", "the server has too many sessions"],
  REQUEST_NOT_ACCEPTED: ["busy", "the server has too many sessions"],
  BAD_NETWORK_NAME: ["unreachable", "the server has no such share"],
  NETWORK_NAME_DELETED: ["unreachable", "the share is no longer there"],
  USER_SESSION_DELETED: ["unreachable", gone],
  NETWORK_SESSION_EXPIRED: ["unreachable", gone],
  FILE_CLOSED: ["unreachable", "the server has closed the file"],
  INVALID_HANDLE: ["unreachable", "the server has closed the file"],
  IO_TIMEOUT: ["unreachable", "the server's disk does not answer in time"],
  DEVICE_NOT_READY: ["unreachable", "the server's disk is not ready"],
  DISK_CORRUPT_ERROR: ["damaged", broken],
  FILE_CORRUPT_ERROR: ["damaged", broken],
  DATA_ERROR: ["damaged", broken],
  CRC_ERROR: ["damaged", broken],
  IO_DEVICE_ERROR: ["damaged", broken],
  UNEXPECTED_IO_ERROR: ["damaged", broken],
  OBJECT_NAME_INVALID: ["unsupported", "the server does not allow such a name"],
  OBJECT_PATH_INVALID: ["unsupported", "the server does not allow such a name"],
  OBJECT_PATH_SYNTAX_BAD: ["unsupported", "the server does not allow such a name"],
  NAME_TOO_LONG: ["unsupported", "the name is too long for the server"],
  NOT_SUPPORTED: ["unsupported", "the server cannot do that"],
  NOT_IMPLEMENTED: ["unsupported", "the server cannot do that"],
  INVALID_PARAMETER: ["unsupported", "the server does not understand that"],
  INVALID_DEVICE_REQUEST: ["unsupported", "the server cannot do that"],
  BAD_DEVICE_TYPE: ["unsupported", "the share is no folder"],
  PATH_NOT_COVERED: [
    "unsupported",
    "the share lies on another server (DFS), which has to be named itself",
  ],
};

const meaning = new Map(
  Object.entries(table).map(([name, told]) => [ntStatus[name as NtStatusName] as number, told]),
);
