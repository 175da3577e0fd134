import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  type MultipartUpload,
} from "@aws-sdk/client-s3";
import { StorageError } from "../errors.ts";
import type { Leftover } from "../provider.ts";
import { livingUploads } from "./living-uploads.ts";
import type { S3Place } from "./place.ts";
import { partsOf } from "./resumption.ts";
import { failureOf } from "./s3-error.ts";

/** An upload to which nobody has sent anything for so long is a leftover; until then it may go on. */
const forsakenAfterMs = 24 * 3_600_000;

/** Gives up unfinished uploads directly below a prefix that nobody goes on with. */
export async function removeForsakenUploads(
  place: S3Place,
  prefix: string,
  signal: AbortSignal,
): Promise<readonly Leftover[]> {
  const removed: Leftover[] = [];
  for await (const upload of uploadsBelow(place, prefix, signal)) {
    const left = await forsaken(place, upload, signal);
    if (left === undefined) continue;
    const input = { Bucket: place.bucket, Key: upload.Key, UploadId: upload.UploadId };
    await ignoringGone(
      place.ask(
        left.key,
        (client, options) => client.send(new AbortMultipartUploadCommand(input), options),
        signal,
      ),
    );
    removed.push(left);
  }
  return removed;
}

/** What an upload would leave; undefined if somebody may still go on with it, or if it is gone meanwhile. */
async function forsaken(
  place: S3Place,
  { Key = "", UploadId: uploadId = "", Initiated }: MultipartUpload,
  signal: AbortSignal,
): Promise<Leftover | undefined> {
  if (livingUploads.has(uploadId) || Initiated === undefined) return undefined;
  const now = place.connection.now();
  if (now - Initiated.getTime() <= forsakenAfterMs) return undefined;
  const key = Key.slice(place.settings.prefix.length);
  const parts = await ignoringGone(Array.fromAsync(partsOf(place, { key, uploadId }, signal)));
  if (parts === undefined) return undefined;
  const lastAt = Math.max(0, ...parts.map((part) => part.LastModified?.getTime() ?? now));
  if (now - lastAt <= forsakenAfterMs) return undefined;
  return { key, size: parts.reduce((sum, { Size = 0 }) => sum + Size, 0) };
}

async function* uploadsBelow(
  place: S3Place,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<MultipartUpload, void, undefined> {
  const below = place.settings.prefix + prefix;
  let after: UploadMarkers | undefined = {};
  while (after !== undefined) {
    const input = { Bucket: place.bucket, Prefix: below, Delimiter: "/", ...after };
    const page = await listPage(place, input, signal);
    for (const upload of page?.Uploads ?? []) {
      // Not every server heeds the delimiter here.
      const name = upload.Key?.slice(below.length) ?? "";
      if (name !== "" && !name.includes("/")) yield upload;
    }
    after = markersBehind(page);
  }
}

/** Where the next page begins. */
interface UploadMarkers {
  readonly KeyMarker?: string;
  readonly UploadIdMarker?: string;
}

function markersBehind(
  page: ListMultipartUploadsCommandOutput | undefined,
): UploadMarkers | undefined {
  if (page?.IsTruncated !== true || page.NextKeyMarker === undefined) return undefined;
  const { NextKeyMarker, NextUploadIdMarker } = page;
  return {
    KeyMarker: NextKeyMarker,
    ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
  };
}

/** Undefined where the server cannot list uploads, or does not let us; then its own rules have to remove them. */
async function listPage(
  place: S3Place,
  input: ConstructorParameters<typeof ListMultipartUploadsCommand>[0],
  signal: AbortSignal,
): Promise<ListMultipartUploadsCommandOutput | undefined> {
  try {
    return await place.ask(
      undefined,
      (client, options) => client.send(new ListMultipartUploadsCommand(input), options),
      signal,
    );
  } catch (error) {
    const isMissing =
      error instanceof StorageError && ["denied", "unsupported"].includes(error.problem);
    if (isMissing) return undefined;
    throw error;
  }
}

/** Undefined for what somebody else has ended meanwhile. */
async function ignoringGone<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    const failure = error instanceof StorageError ? failureOf(error.cause) : undefined;
    if (failure?.status === 404) return undefined;
    throw error;
  }
}
