import { PutObjectCommand } from "@aws-sdk/client-s3";
import { StorageError } from "../errors.ts";
import { crc32Text, md5Text } from "./checksum.ts";
import type { S3Place } from "./place.ts";
import { failureOf } from "./s3-error.ts";
import { isOwnObject, objectInput, type UploadTarget } from "./upload-target.ts";

/** Stores a small object with one request. */
export async function putObject(
  place: S3Place,
  { target, bytes }: { readonly target: UploadTarget; readonly bytes: Uint8Array },
  signal: AbortSignal,
): Promise<void> {
  const { key, overwrite, locked } = target;
  const input = { ...objectInput(place, target), ContentLength: bytes.length };
  place.connection.watch(bytes, target.sent);
  const putting = place.ask(
    key,
    (client, options) =>
      place.dialect.speak(async ({ checksums, conditional }) => {
        const sum =
          checksums && !locked
            ? { ChecksumCRC32: crc32Text(bytes) }
            : { ContentMD5: md5Text(bytes) };
        const guard = conditional && !overwrite ? { IfNoneMatch: "*" } : {};
        const command = new PutObjectCommand({ ...input, Body: bytes, ...sum, ...guard });
        const answer = await client.send(command, options);
        if (sum.ContentMD5 !== undefined) place.dialect.compareEtag(answer.ETag, sum.ContentMD5);
        else if (answer.ChecksumCRC32 === undefined) place.dialect.leaveChecksums();
      }),
    signal,
  );
  await orOwnObject(place, { target, work: putting }, signal);
}

/**
 * Takes a refusal to replace an object as success, if the object is the one that was to be written: the SDK has repeated a
 * request whose answer was lost.
 */
export async function orOwnObject(
  place: S3Place,
  { target, work }: { readonly target: UploadTarget; readonly work: Promise<void> },
  signal: AbortSignal,
): Promise<void> {
  try {
    await work;
  } catch (error) {
    const failure = error instanceof StorageError ? failureOf(error.cause) : undefined;
    const mayBeOurs = failure?.status === 412 || failure?.code === "NoSuchUpload";
    const found = mayBeOurs ? await place.head(target.key, signal) : undefined;
    if (found === undefined || !isOwnObject(found, target)) throw error;
  }
}
