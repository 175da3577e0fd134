import { StorageError } from "../errors.ts";
import { interruptible } from "../interruptible.ts";
import type { Content, Resume, StoredObject } from "../provider.ts";
import type { MultipartUpload } from "./multipart-upload.ts";
import { S3Writer } from "./object-writer.ts";
import type { S3Place } from "./place.ts";
import { earlierUpload } from "./earlier-upload.ts";
import { decodeState, encodeState, type UploadState } from "./resumption.ts";
import { headedObject } from "./stored-object.ts";
import { isOwnObject, newTarget, type UploadTarget } from "./upload-target.ts";

/** An upload that can go on where it was cut. */
export interface ResumableContent extends Content {
  readonly size: number;
  readonly resume: Resume;
}

/** Goes on with an upload that was cut, or begins one that another process could go on with. */
export async function writeResumably(
  place: S3Place,
  { key, content }: { readonly key: string; readonly content: ResumableContent },
  signal: AbortSignal,
): Promise<StoredObject> {
  const state = stateOf(content);
  const made = newTarget(place, key, content);
  const target = state === undefined ? made : { ...made, ...state };
  await place.checkLock(key, signal);
  const found = await place.head(key, signal);
  // The last attempt completed it, and nobody heard of that.
  if (found !== undefined && isOwnObject(found, target)) return headedObject(key, found);
  if (found !== undefined && !target.overwrite) throw place.alreadyExists(key);
  const earlier =
    state === undefined ? undefined : await earlierUpload(place, { target, state }, signal);
  if (earlier !== undefined && "key" in earlier) return earlier;
  const begun = keeping(target, content, false);
  const completing = keeping(target, content, true);
  const writer = new S3Writer({ place, target, upload: earlier, begun, completing }, signal);
  return sendRest(writer, { content, from: earlier?.nextByte ?? 0 }, signal);
}

/** Of an upload of as many bytes. */
function stateOf({ size, resume }: ResumableContent): UploadState | undefined {
  const kept = decodeState(resume.state);
  return kept?.size === size ? kept : undefined;
}

function keeping(
  { writeId, partBytes }: UploadTarget,
  { size, resume }: ResumableContent,
  isCompleting: boolean,
): (upload: MultipartUpload) => Promise<void> {
  return ({ begun: { uploadId, checksums } }) =>
    resume.keep(encodeState({ uploadId, writeId, partBytes, checksums, size, isCompleting }));
}

async function sendRest(
  writer: S3Writer,
  { content, from }: { readonly content: ResumableContent; readonly from: number },
  signal: AbortSignal,
): Promise<StoredObject> {
  let at = from;
  writer.holdFrom(Infinity);
  try {
    for await (const chunk of interruptible(content.open(from), signal)) {
      at += chunk.length;
      await writer.write(chunk);
    }
    if (at !== content.size) throw wrongLength(at, content.size);
    return await writer.commit();
  } catch (error) {
    if (isFinal(error)) await writer.abort();
    else await writer.leave();
    throw error;
  }
}

/** Going on could only fail in the same way. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof StorageError &&
    (error.problem === "already-exists" || error.problem === "damaged")
  );
}

function wrongLength(actualBytes: number, expectedBytes: number): StorageError {
  return new StorageError("damaged", `The body has ${actualBytes} bytes, not ${expectedBytes}`, {
    facts: { expectedBytes, actualBytes },
  });
}
