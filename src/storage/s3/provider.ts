import type { ByteSource } from "#core/ports.ts";
import type {
  ByteRange,
  Content,
  FreeSpace,
  Leftover,
  ObjectWriter,
  OpenBody,
  StorageFeatures,
  StorageProvider,
  StoredObject,
  WriteOptions,
} from "../provider.ts";
import { rangeSource } from "../range-source.ts";
import { writeContent } from "../write-content.ts";
import { discardUpload } from "./discard-upload.ts";
import { removeForsakenUploads } from "./leftovers.ts";
import { listObjects } from "./listing.ts";
import { matchesObject } from "./matches.ts";
import { S3Writer } from "./object-writer.ts";
import { S3Place } from "./place.ts";
import { readObject } from "./reading.ts";
import { removeObject } from "./remove-object.ts";
import type { S3Settings } from "./settings.ts";
import { headedObject } from "./stored-object.ts";
import { newTarget } from "./upload-target.ts";
import { writeResumably } from "./write-object.ts";

/**
 * A bucket at AWS or at a server that speaks the same language. What is unfinished there is an upload in parts, which the
 * server shows to nobody. The bucket is never created: region, locks and costs are its owner's choice.
 */
export class S3Storage implements StorageProvider {
  readonly kind = "s3";
  readonly features: StorageFeatures;
  readonly #place: S3Place;

  constructor(settings: S3Settings) {
    this.#place = new S3Place(settings);
    this.features = {
      patch: "parts",
      // Other servers are asked for it too, but not all of them keep to it.
      exclusiveCreate: settings.endpoint === undefined,
      freeSpace: false,
      flaky: true,
      // A whole key may have 1024 bytes, but servers that keep files give each name no more than a file may have.
      longestName: 255,
      resumable: true,
      matches: true,
    };
  }

  async write(key: string, content: Content, signal: AbortSignal): Promise<StoredObject> {
    const { size, resume } = content;
    if (size !== undefined && resume !== undefined) {
      return writeResumably(this.#place, { key, content: { ...content, size, resume } }, signal);
    }
    const writer = await this.openWrite(key, content, signal);
    writer.holdFrom(Infinity);
    return writeContent(writer, content, signal);
  }

  async openWrite(key: string, options: WriteOptions, signal: AbortSignal): Promise<ObjectWriter> {
    const place = this.#place;
    place.keyInBucket(key);
    signal.throwIfAborted();
    await place.checkLock(key, signal);
    const isTaken = options.overwrite !== true && (await place.head(key, signal)) !== undefined;
    if (isTaken) throw place.alreadyExists(key);
    const target = newTarget(place, key, options);
    return new S3Writer({ place, target }, signal);
  }

  read(
    key: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    return readObject(this.#place, { key, range }, signal);
  }

  open(key: string, signal: AbortSignal): Promise<ByteSource> {
    return rangeSource(this, key, signal);
  }

  async stat(key: string, signal: AbortSignal): Promise<StoredObject> {
    const found = await this.#place.head(key, signal);
    if (found === undefined) throw this.#place.notFound(key);
    return headedObject(key, found);
  }

  list(prefix: string, signal: AbortSignal): AsyncIterable<readonly StoredObject[]> {
    return listObjects(this.#place, prefix, signal);
  }

  remove(key: string, signal: AbortSignal): Promise<void> {
    return removeObject(this.#place, key, signal);
  }

  /** Nothing in S3 tells of room. */
  async freeSpace(signal: AbortSignal): Promise<FreeSpace | undefined> {
    signal.throwIfAborted();
    return undefined;
  }

  async removeLeftovers(signal: AbortSignal): Promise<readonly Leftover[]> {
    const removed: Leftover[] = [];
    for (const prefix of ["", ".safehouse/"]) {
      removed.push(...(await removeForsakenUploads(this.#place, prefix, signal)));
    }
    return removed;
  }

  async discard(key: string, state: string, signal: AbortSignal): Promise<void> {
    await discardUpload(this.#place, { key, state }, signal);
  }

  matches(key: string, open: OpenBody, signal: AbortSignal): Promise<boolean | undefined> {
    return matchesObject(this.#place, { key, open }, signal);
  }
}
