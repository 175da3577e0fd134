import { StorageError } from "../errors.ts";
import type { StorageProblem } from "../errors.ts";

/** Status codes of SFTP version 3 (draft-ietf-secsh-filexfer-02, 7). */
export const status = {
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  noConnection: 6,
  connectionLost: 7,
  unsupported: 8,
} as const;

/** Status that a server has answered with; undefined for every other error. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "number" ? error.code : undefined;
}

/** True if the server does not have what was asked of it: an extension. */
export function isNotOffered(error: unknown): boolean {
  return error instanceof NotOfferedError || statusOf(error) === status.unsupported;
}

/** A request of an extension that the server has not announced. */
export class NotOfferedError extends Error {}

/** Runs the work; answers of the server come out as `StorageError`s, all other errors as they are. */
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
  const code = statusOf(error);
  const problem = code === undefined ? undefined : problemFor.get(code);
  if (problem === undefined) return error;
  const said = error instanceof Error ? error.message : "";
  const text = texts[problem] ?? `the server answers "${said}"`;
  return new StorageError(problem, `${subject}: ${text}`, { key: subject, cause: error });
}

const problemFor: ReadonlyMap<number, StorageProblem> = new Map<number, StorageProblem>([
  // The end where there should be more: somebody has cut the object short.
  [status.eof, "damaged"],
  [status.noSuchFile, "not-found"],
  [status.permissionDenied, "denied"],
  // All that version 3 can say of everything else.
  [status.failure, "unsupported"],
  // OpenSSH: a name that its file system does not take.
  [status.badMessage, "unsupported"],
  [status.noConnection, "unreachable"],
  [status.connectionLost, "unreachable"],
  [status.unsupported, "unsupported"],
]);

const texts: Partial<Record<StorageProblem, string>> = {
  "not-found": "no such object",
  denied: "no permission",
  damaged: "it ends too early",
};
