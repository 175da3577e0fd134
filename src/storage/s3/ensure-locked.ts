import { PutObjectRetentionCommand, type HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import type { S3Place } from "./place.ts";
import { retentionOf, type UploadTarget } from "./upload-target.ts";

/** Locks a new object for which that was asked, where the server has not done so; some forget it of uploads in parts. */
export async function ensureLocked(
  place: S3Place,
  { target, found }: { readonly target: UploadTarget; readonly found: HeadObjectCommandOutput },
  signal: AbortSignal,
): Promise<void> {
  if (!target.locked || found.ObjectLockRetainUntilDate !== undefined) return;
  const { mode, until } = retentionOf(place, target.key) ?? {};
  const input = {
    Bucket: place.bucket,
    Key: place.keyInBucket(target.key),
    ...(found.VersionId === undefined ? {} : { VersionId: found.VersionId }),
    Retention: { Mode: mode, RetainUntilDate: until },
    ChecksumAlgorithm: "CRC32",
  } as const;
  await place.ask(
    target.key,
    (client, options) => client.send(new PutObjectRetentionCommand(input), options),
    signal,
  );
}
