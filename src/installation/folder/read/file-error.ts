import type { EntryProblem } from "#core/model/part-event.ts";

/**
 * What an error of the file system means for one entry.
 * @throws the error itself if it does not come from the file system
 */
export function describeFileError(error: unknown): {
  readonly problem: EntryProblem;
  readonly reason: string;
} {
  const code = fileErrorCode(error);
  if (code === undefined) throw error;
  // A name that was listed and is now of another kind is as gone as one that is missing.
  if (["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "ESTALE"].includes(code)) {
    return { problem: "vanished", reason: "it was removed or replaced meanwhile" };
  }
  return { problem: "unreadable", reason: reasons[code] ?? `reading failed with ${code}` };
}

/** The code of an error of the file system, such as `EACCES`; undefined for every other error. */
export function fileErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "Safehouse has no permission to read it",
  EPERM: "Safehouse has no permission to read it",
  EIO: "the disk reports an error",
  EAGAIN: "another program holds it",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "its path is too long",
};
