import { ListPartsCommand, type CompletedPart } from "@aws-sdk/client-s3";
import { StorageError } from "../errors.ts";
import { MultipartUpload } from "./multipart-upload.ts";
import type { S3Place } from "./place.ts";
import { failureOf } from "./s3-error.ts";
import type { UploadTarget } from "./upload-target.ts";

/** What it takes to go on with an upload, also in another process. */
export interface UploadState {
  readonly uploadId: string;
  readonly writeId: string;
  readonly partBytes: number;
  readonly checksums: boolean;
  /** Bytes of the whole object. */
  readonly size: number;
}

/** As text, for whoever keeps it. */
export function encodeState(state: UploadState): string {
  return JSON.stringify({ s3: 1, ...state });
}

/** Undefined for what is not of this version. */
export function decodeState(text: string | undefined): UploadState | undefined {
  const { s3, uploadId, writeId, partBytes, checksums, size } = parsed(text);
  const isUnderstood =
    s3 === 1 &&
    typeof uploadId === "string" &&
    typeof writeId === "string" &&
    typeof partBytes === "number" &&
    typeof checksums === "boolean" &&
    typeof size === "number";
  return isUnderstood ? { uploadId, writeId, partBytes, checksums, size } : undefined;
}

function parsed(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** An upload with the parts that the server has of it; undefined if the server has forgotten it. */
export async function resumeUpload(
  place: S3Place,
  { target, state }: { readonly target: UploadTarget; readonly state: UploadState },
  signal: AbortSignal,
): Promise<MultipartUpload | undefined> {
  const { uploadId, checksums } = state;
  try {
    const all = await Array.fromAsync(partsOf(place, { key: target.key, uploadId }, signal));
    const parts = usableParts(all, state);
    return new MultipartUpload(place, target, { uploadId, checksums, parts });
  } catch (error) {
    const failure = error instanceof StorageError ? failureOf(error.cause) : undefined;
    // 400, 501: the server cannot list parts, or no longer understands its own name for the upload.
    if ([400, 404, 501].includes(failure?.status ?? 0)) return undefined;
    throw error;
  }
}

/** Whole parts; one that got stuck has left a gap, while those behind it went on. */
function usableParts(
  all: readonly SentPart[],
  { partBytes, checksums, size }: UploadState,
): readonly CompletedPart[] {
  return all.flatMap(({ PartNumber = 0, ETag, ChecksumCRC32, Size }) => {
    if (PartNumber * partBytes > size || Size !== partBytes) return [];
    // Not every server tells the sum again, nor asks for it at the end.
    return [{ PartNumber, ETag, ...(checksums ? { ChecksumCRC32 } : {}) }];
  });
}

/** A part that the server has. */
export interface SentPart extends CompletedPart {
  readonly Size?: number | undefined;
  readonly LastModified?: Date | undefined;
}

/** Parts of an unfinished upload. */
export async function* partsOf(
  place: S3Place,
  { key, uploadId }: { readonly key: string; readonly uploadId: string },
  signal: AbortSignal,
): AsyncGenerator<SentPart, void, undefined> {
  const input = { Bucket: place.bucket, Key: place.keyInBucket(key), UploadId: uploadId };
  let marker: string | undefined;
  do {
    const page = await place.ask(
      key,
      (client, options) =>
        client.send(new ListPartsCommand({ ...input, PartNumberMarker: marker }), options),
      signal,
    );
    yield* page.Parts ?? [];
    marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
}
