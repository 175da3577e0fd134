import { DeleteObjectCommand, type HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { StorageError } from "../errors.ts";
import type { S3Place } from "./place.ts";
import { isLocked } from "./upload-target.ts";

/** Versions of one archive that are removed at most; there is one, unless it was replaced. */
const mostVersions = 100;

/**
 * Removes an object. A bucket with versions takes every removal of a name, and keeps the bytes; so it is asked for a lock
 * before, and what was locked until now goes for good, version by version. In other buckets with versions the
 * older ones stay, as their owner wanted it.
 */
export async function removeObject(
  place: S3Place,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  const goesForGood = isLocked(place.settings, key);
  for (let removed = 0; removed < mostVersions; removed += 1) {
    const found = await place.head(key, signal);
    if (found === undefined) return;
    checkUnlocked(place, key, found);
    const version = goesForGood ? found.VersionId : undefined;
    const input = {
      Bucket: place.bucket,
      Key: place.keyInBucket(key),
      ...(version === undefined ? {} : { VersionId: version }),
    };
    await place.ask(
      key,
      (client, options) => client.send(new DeleteObjectCommand(input), options),
      signal,
    );
    if (version === undefined) return;
  }
  throw new StorageError("denied", `${key} has more than ${mostVersions} versions`, { key });
}

function checkUnlocked(place: S3Place, key: string, found: HeadObjectCommandOutput): void {
  const { ObjectLockLegalHoldStatus, ObjectLockMode, ObjectLockRetainUntilDate: until } = found;
  if (ObjectLockLegalHoldStatus === "ON") {
    throw new StorageError("denied", `${key} is under a legal hold and cannot be removed`, { key });
  }
  if (until === undefined || until.getTime() <= place.connection.now()) return;
  const mode = ObjectLockMode === undefined ? "" : ` (${ObjectLockMode.toLowerCase()})`;
  const text = `${key} is locked until ${until.toISOString()}${mode} and cannot be removed before`;
  throw new StorageError("denied", text, { key, facts: { lockedUntil: until.toISOString() } });
}
