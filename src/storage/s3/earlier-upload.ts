import { setTimeout as pause } from "node:timers/promises";
import type { StoredObject } from "../provider.ts";
import type { MultipartUpload } from "./multipart-upload.ts";
import type { S3Place } from "./place.ts";
import { resumeUpload, type UploadState } from "./resumption.ts";
import { headedObject } from "./stored-object.ts";
import { longestAssemblyMs } from "./until-assembled.ts";
import { isOwnObject, type UploadTarget } from "./upload-target.ts";

/**
 * What has become of an upload that an earlier attempt has begun: it can be gone on with, or is the object by now; undefined
 * if the server has forgotten it. Servers that copy the parts together, Versity's for one, do not know the upload while they
 * do so, which takes minutes for a large one; then it is waited for, and each answer tells that the server lives.
 */
export async function earlierUpload(
  place: S3Place,
  { target, state }: { readonly target: UploadTarget; readonly state: UploadState },
  signal: AbortSignal,
): Promise<MultipartUpload | StoredObject | undefined> {
  const deadline = performance.now() + longestAssemblyMs;
  for (let pauseMs = 500; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const upload = await resumeUpload(place, { target, state }, signal);
    if (upload !== undefined || !state.isCompleting) return upload;
    const found = await place.head(target.key, signal);
    if (found !== undefined && isOwnObject(found, target)) return headedObject(target.key, found);
    if (found !== undefined || performance.now() > deadline) return undefined;
    target.sent(0);
    await pause(pauseMs, undefined, { signal });
  }
}

const longestPauseMs = 10_000;
