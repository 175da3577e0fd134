import { StorageError } from "../errors.ts";
import type { S3Place } from "./place.ts";
import { failureOf } from "./s3-error.ts";
import { isOwnObject, type UploadTarget } from "./upload-target.ts";

/** By which a request makes an object only if there is none. */
export type Guard = { readonly IfNoneMatch?: "*" };

interface GuardedWork {
  readonly target: UploadTarget;
  readonly work: (guard: Guard) => Promise<void>;
}

/**
 * Makes an object of that key, unless there is one and it is not to be replaced. A refusal is looked into: the object may be
 * this very one, because the SDK has repeated a request whose answer was lost; and there may be none, because some servers
 * also refuse where only a removed version is.
 */
export async function withGuard(
  place: S3Place,
  { target, work }: GuardedWork,
  signal: AbortSignal,
): Promise<void> {
  try {
    await work(target.overwrite ? {} : { IfNoneMatch: "*" });
  } catch (error) {
    const failure = error instanceof StorageError ? failureOf(error.cause) : undefined;
    const isRefused = failure?.status === 412;
    if (!isRefused && failure?.code !== "NoSuchUpload") throw error;
    const found = await place.head(target.key, signal);
    if (found !== undefined && isOwnObject(found, target)) return;
    if (found !== undefined || !isRefused) throw error;
    await work({});
  }
}
