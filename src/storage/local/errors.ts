import { StorageError } from "../errors.ts";
import type { StorageProblem } from "../errors.ts";
import { systemErrorCode } from "../system-error-code.ts";

/** Runs the work; system errors come out as `StorageError`s, all others as they are. */
export async function translating<Result>(
  subject: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asStorageError(error, subject);
  }
}

/** @param subject the key, or a name for the place as a whole */
export function asStorageError(error: unknown, subject: string): unknown {
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  const problem = problemFor.get(code) ?? "unreachable";
  const text = texts[problem] ?? `the system says ${code}`;
  return new StorageError(problem, `${subject}: ${text}`, { key: subject, cause: error });
}

const problemFor: ReadonlyMap<string, StorageProblem> = new Map<string, StorageProblem>([
  ["ENOENT", "not-found"],
  ["ENOTDIR", "not-found"],
  // Symbolic links are not followed and folders are no objects.
  ["ELOOP", "not-found"],
  ["EISDIR", "not-found"],
  ["EEXIST", "already-exists"],
  ["EACCES", "denied"],
  ["EPERM", "denied"],
  ["EROFS", "read-only"],
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
  ["EFBIG", "too-large"],
  // A bad sector, most of the time; network file systems have codes of their own for being away.
  ["EIO", "damaged"],
  ["ENAMETOOLONG", "unsupported"],
  ["EINVAL", "unsupported"],
  ["EILSEQ", "unsupported"],
  ["EBUSY", "busy"],
  ["ETXTBSY", "busy"],
  ["EAGAIN", "busy"],
  ["EMFILE", "busy"],
  ["ENFILE", "busy"],
  ["ENOMEM", "busy"],
]);

const texts: Partial<Record<StorageProblem, string>> = {
  "not-found": "no such object",
  "already-exists": "exists already",
  denied: "no permission",
  "read-only": "the file system is read-only",
  full: "no space left, or the quota is used up",
  damaged: "the medium cannot be read or written there",
  "too-large": "too large for this file system",
};
