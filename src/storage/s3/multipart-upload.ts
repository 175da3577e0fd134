import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  type CompletedPart,
  type CompleteMultipartUploadCommandInput,
  type HeadObjectCommandOutput,
} from "@aws-sdk/client-s3";
import { StorageError } from "../errors.ts";
import { crc32Text, md5Text } from "./checksum.ts";
import { withGuard, type Guard } from "./guard.ts";
import { livingUploads } from "./living-uploads.ts";
import { checkPartNumber } from "./part-layout.ts";
import type { S3Place } from "./place.ts";
import { objectInput, type UploadTarget } from "./upload-target.ts";
import { untilAssembled } from "./until-assembled.ts";

/** An upload in parts that was begun at the server, now or by an earlier process. */
export interface BegunUpload {
  readonly uploadId: string;
  /** Whether each part goes with a CRC-32, which the server keeps; else with an MD5. */
  readonly checksums: boolean;
  /** Parts that the server has; there may be gaps between them. */
  readonly parts: readonly CompletedPart[];
}

/** One sum of the whole object, whatever its parts. */
const wholeCrc32 = { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" } as const;

/** An object that is sent in parts. The server shows nothing of it before it is completed. */
export class MultipartUpload {
  readonly begun: BegunUpload;
  readonly #place: S3Place;
  readonly #target: UploadTarget;
  readonly #parts: Map<number, CompletedPart>;

  constructor(place: S3Place, target: UploadTarget, begun: BegunUpload) {
    this.#place = place;
    this.#target = target;
    this.begun = begun;
    this.#parts = new Map(begun.parts.map((part) => [part.PartNumber ?? 0, part]));
    livingUploads.add(begun.uploadId);
  }

  static async begin(
    place: S3Place,
    target: UploadTarget,
    signal: AbortSignal,
  ): Promise<MultipartUpload> {
    const input = objectInput(place, target);
    const begun = await place.ask(
      target.key,
      (client, options) =>
        place.dialect.speak(async ({ checksums }) => {
          const answer = await client.send(
            new CreateMultipartUploadCommand({
              ...input,
              ...(checksums && !target.locked ? wholeCrc32 : {}),
            }),
            options,
          );
          // A server that does not know of checksums takes the question without a word.
          return { id: answer.UploadId, checksums: answer.ChecksumAlgorithm === "CRC32" };
        }),
      signal,
    );
    const { id, checksums } = begun;
    if (id === undefined) {
      throw new StorageError("unsupported", "The server has begun an upload without a name for it");
    }
    return new MultipartUpload(place, target, { uploadId: id, checksums, parts: [] });
  }

  /** How many parts the server has from the first on, without a gap. */
  get firstParts(): number {
    let count = 0;
    while (this.#parts.has(count + 1)) count += 1;
    return count;
  }

  /** Where the first bytes that the server lacks begin. */
  get nextByte(): number {
    return this.firstParts * this.#target.partBytes;
  }

  /** Sends a part that the server does not have yet. @param number from 1 on */
  async send(number: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const { key, sent } = this.#target;
    checkPartNumber(number, key);
    if (this.#parts.has(number)) return;
    const sum = this.begun.checksums
      ? { ChecksumCRC32: crc32Text(bytes) }
      : { ContentMD5: md5Text(bytes) };
    const input = {
      ...this.#named(),
      PartNumber: number,
      Body: bytes,
      ContentLength: bytes.length,
      ...sum,
    };
    this.#place.connection.watch(bytes, sent);
    const answer = await this.#place.ask(
      key,
      (client, options) => client.send(new UploadPartCommand(input), options),
      signal,
    );
    const { ChecksumCRC32, ContentMD5 } = sum;
    if (ContentMD5 !== undefined) this.#place.dialect.compareEtag(answer.ETag, ContentMD5);
    this.#parts.set(number, {
      PartNumber: number,
      ETag: answer.ETag,
      ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }),
    });
  }

  /** Makes the object of its parts. Resolves as `untilAssembled`. */
  async complete(signal: AbortSignal): Promise<HeadObjectCommandOutput | undefined> {
    const target = this.#target;
    const parts = [...this.#parts.values()];
    const input = {
      ...this.#named(),
      MultipartUpload: {
        Parts: parts.toSorted((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0)),
      },
    };
    const ask = (until: AbortSignal): Promise<void> => {
      const work = (guard: Guard): Promise<void> => this.#complete({ ...input, ...guard }, until);
      return withGuard(this.#place, { target, work }, until);
    };
    const { uploadId } = this.begun;
    const found = await untilAssembled(this.#place, { target, uploadId, ask }, signal);
    this.release();
    return found;
  }

  #complete(input: CompleteMultipartUploadCommandInput, signal: AbortSignal): Promise<void> {
    const unconditional = { ...input, IfNoneMatch: undefined };
    return this.#place.ask(
      this.#target.key,
      (client, options) =>
        this.#place.dialect.speak(async ({ conditional }) => {
          const said = conditional ? input : unconditional;
          await client.send(new CompleteMultipartUploadCommand(said), options);
        }),
      signal,
    );
  }

  /** Removes what the server has of it. */
  async abort(signal: AbortSignal): Promise<void> {
    this.release();
    await this.#place.ask(
      this.#target.key,
      (client, options) => client.send(new AbortMultipartUploadCommand(this.#named()), options),
      signal,
    );
  }

  /** Nobody in this process goes on with it. */
  release(): void {
    livingUploads.delete(this.begun.uploadId);
  }

  #named(): { readonly Bucket: string; readonly Key: string; readonly UploadId: string } {
    return {
      Bucket: this.#place.bucket,
      Key: this.#place.keyInBucket(this.#target.key),
      UploadId: this.begun.uploadId,
    };
  }
}
