import { StorageError } from "../errors.ts";
import { MultipartUpload } from "./multipart-upload.ts";
import type { S3Place } from "./place.ts";
import { decodeState } from "./resumption.ts";
import { failureOf } from "./s3-error.ts";
import { newTarget } from "./upload-target.ts";

/** Removes what the server has of an unfinished upload. Nothing of it, or a state of another version, is no failure. */
export async function discardUpload(
  place: S3Place,
  { key, state }: { readonly key: string; readonly state: string },
  signal: AbortSignal,
): Promise<void> {
  const kept = decodeState(state);
  if (kept === undefined) return;
  const { uploadId, checksums } = kept;
  const begun = { uploadId, checksums, parts: [] };
  const upload = new MultipartUpload(place, { ...newTarget(place, key, {}), ...kept }, begun);
  try {
    await upload.abort(signal);
  } catch (error) {
    const failure = error instanceof StorageError ? failureOf(error.cause) : undefined;
    if (failure?.status !== 404) throw error;
  }
}
