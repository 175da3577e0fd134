import { setTimeout as pause } from "node:timers/promises";
import { ListPartsCommand, type HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { StorageError } from "../errors.ts";
import type { S3Place } from "./place.ts";
import { failureOf } from "./s3-error.ts";
import { isOwnObject, type UploadTarget } from "./upload-target.ts";

/** Making one object of a hundred gigabytes of parts takes no longer. */
export const longestAssemblyMs = 30 * 60_000;
const betweenLooksMs = 1000;

/** A request by which a server is to make an object of parts. */
export interface Assembly {
  readonly target: UploadTarget;
  readonly uploadId: string;
  readonly ask: (signal: AbortSignal) => Promise<void>;
}

/**
 * Has an object made of its parts, and looks for it meanwhile. Some servers copy the parts in silence for minutes, begin anew
 * when the connection is cut, and do not know the upload until they are done: that is a sign of life. Versity also says yes
 * to whoever asks a second time, although there is nothing yet; and answers get lost. So what counts is the object. Resolves
 * with what the server says of it; undefined if it has said yes, and there is none.
 */
export async function untilAssembled(
  place: S3Place,
  assembly: Assembly,
  signal: AbortSignal,
): Promise<HeadObjectCommandOutput | undefined> {
  const { target, ask } = assembly;
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const deadline = performance.now() + longestAssemblyMs;
  let isAnswered = false;
  const answered = ask(both).then(() => (isAnswered = true));
  try {
    for (;;) {
      const wait = pause(betweenLooksMs, undefined, { signal: both });
      await (isAnswered ? wait : Promise.race([answered, wait]));
      const found = await place.head(target.key, both);
      const isLate = performance.now() > deadline;
      const isOwn = found !== undefined && isOwnObject(found, target);
      if (isOwn || (isAnswered && (found !== undefined || isLate))) return found;
      if (!isLate && (isAnswered || (await isAtWork(place, assembly, both)))) target.sent(0);
    }
  } finally {
    over.abort();
  }
}

/** Whether the server has taken the upload away from where it can be asked for. */
async function isAtWork(
  place: S3Place,
  { target: { key }, uploadId }: Assembly,
  signal: AbortSignal,
): Promise<boolean> {
  const input = { Bucket: place.bucket, Key: place.keyInBucket(key), UploadId: uploadId };
  const command = new ListPartsCommand({ ...input, MaxParts: 1 });
  try {
    await place.ask(key, (client, options) => client.send(command, options), signal);
    return false;
  } catch (error) {
    // Who may not ask, or gets no answer, learns nothing by it; what is wrong shows where the object is made.
    if (error instanceof StorageError) return failureOf(error.cause)?.code === "NoSuchUpload";
    throw error;
  }
}
