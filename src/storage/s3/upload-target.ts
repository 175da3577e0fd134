import { randomBytes } from "node:crypto";
import type { HeadObjectCommandOutput, ObjectLockMode, StorageClass } from "@aws-sdk/client-s3";
import type { WriteOptions } from "../provider.ts";
import { partBytesFor } from "./part-layout.ts";
import type { S3Place } from "./place.ts";
import type { S3Settings } from "./settings.ts";

/** An object that is to be written. */
export interface UploadTarget {
  readonly key: string;
  readonly overwrite: boolean;
  /** By which a writer knows its own object again when the answer to its last request was lost. */
  readonly writeId: string;
  /** Bytes of every part but the last. */
  readonly partBytes: number;
  /** Locked objects are taken with an MD5 by every server, and by some with nothing else. */
  readonly locked: boolean;
  /** Told of bytes that have left. */
  readonly sent: (bytes: number) => void;
}

/** Names of what is kept beside the bytes. */
export const partBytesField = "safehouse-part-bytes";
const writeIdField = "safehouse-write";

/** For an object that is to be written anew. */
export function newTarget(
  { settings }: { readonly settings: S3Settings },
  key: string,
  { overwrite = false, size, sent }: WriteOptions,
): UploadTarget {
  return {
    key,
    overwrite,
    writeId: randomBytes(9).toString("base64url"),
    partBytes: partBytesFor(size, settings.partBytes),
    locked: isLocked(settings, key),
    sent: (bytes) => sent?.(bytes),
  };
}

/** Whether the object that is there was made by this write. */
export function isOwnObject(
  { Metadata }: HeadObjectCommandOutput,
  { writeId }: Pick<UploadTarget, "writeId">,
): boolean {
  return Metadata?.[writeIdField] === writeId;
}

/** What a new object is made with, beside its bytes. */
export function objectInput(place: PlaceInTime, target: UploadTarget): ObjectInput {
  const { settings } = place;
  const { key, writeId, partBytes } = target;
  const retention = retentionOf(place, key);
  return {
    Bucket: settings.bucket,
    Key: settings.prefix + key,
    ContentType: isArchive(key) ? "application/x-tar" : "application/octet-stream",
    Metadata: { [partBytesField]: String(partBytes), [writeIdField]: writeId },
    // Notes and markers are read all the time, and so belong into no slow class.
    ...(settings.storageClass === undefined || !isArchive(key)
      ? {}
      : { StorageClass: settings.storageClass as StorageClass }),
    ...(retention === undefined
      ? {}
      : { ObjectLockMode: retention.mode, ObjectLockRetainUntilDate: retention.until }),
  };
}

type PlaceInTime = Pick<S3Place, "settings" | "connection">;

interface ObjectInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly ContentType: string;
  readonly Metadata: Record<string, string>;
  readonly StorageClass?: StorageClass;
  readonly ObjectLockMode?: ObjectLockMode;
  readonly ObjectLockRetainUntilDate?: Date;
}

/** How a new object is locked; undefined for what is not. */
export function retentionOf(
  { settings, connection }: PlaceInTime,
  key: string,
): { readonly mode: ObjectLockMode; readonly until: Date } | undefined {
  const { objectLock } = settings;
  if (objectLock === undefined || !isArchive(key)) return undefined;
  return {
    mode: objectLock.mode,
    until: new Date(connection.now() + objectLock.days * dayInMs),
  };
}

/** Whether an object is made so that nobody can remove it for a while. */
export function isLocked({ objectLock }: S3Settings, key: string): boolean {
  return objectLock !== undefined && isArchive(key);
}

/** Every archive lies at the top. */
function isArchive(key: string): boolean {
  return /^[^/]+\.tar$/.test(key);
}

const dayInMs = 86_400_000;
