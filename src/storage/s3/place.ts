import {
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type HeadObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { StorageError } from "../errors.ts";
import { checkKey } from "../key.ts";
import { S3Connection, type SendOptions } from "./connection.ts";
import { Dialect } from "./dialect.ts";
import { translating, type S3Subject } from "./errors.ts";
import { bucketLocks } from "./bucket-locks.ts";
import { isLocked } from "./upload-target.ts";
import { failureOf } from "./s3-error.ts";
import type { S3Settings } from "./settings.ts";

/** A bucket, and the prefix in it that is ours. Keys are those of this program. */
export class S3Place {
  readonly settings: S3Settings;
  readonly connection: S3Connection;
  readonly dialect = new Dialect();
  #bucketSeen = false;
  #lockSeen = false;

  constructor(settings: S3Settings) {
    this.settings = settings;
    this.connection = new S3Connection(settings);
  }

  get bucket(): string {
    return this.settings.bucket;
  }

  /** The key in the bucket. Throws a `RangeError` for what is no key. */
  keyInBucket(key: string): string {
    checkKey(key);
    return this.settings.prefix + key;
  }

  /** Sends commands about one object, or about the place as a whole. Rejects with `StorageError`s. */
  ask<Output>(
    key: string | undefined,
    work: (client: S3Client, options: SendOptions) => Promise<Output>,
    signal: AbortSignal,
  ): Promise<Output> {
    return translating(this.#subject(key), signal, () => this.connection.ask(work, signal));
  }

  /** What the server knows of an object; undefined if there is none. A missing bucket is `unreachable`. */
  async head(key: string, signal: AbortSignal): Promise<HeadObjectCommandOutput | undefined> {
    const input = {
      Bucket: this.bucket,
      Key: this.keyInBucket(key),
      ChecksumMode: "ENABLED",
    } as const;
    const ask = () =>
      this.connection.ask(
        (client, options) => client.send(new HeadObjectCommand(input), options),
        signal,
      );
    return translating(this.#subject(key), signal, async () => {
      try {
        return await ask();
      } catch (error) {
        const status = failureOf(error)?.status;
        if (status === 404) return this.#checkBucket(signal);
        if (status === undefined || !nameless.has(status)) throw error;
        // The answer to a HEAD has no body that says why; that to another question has.
        const { region } = this.connection;
        await this.#listOne(signal);
        if (region === this.connection.region) throw error;
        return this.head(key, signal);
      }
    });
  }

  /** Asks for one name, which tells whether keys, region and bucket are right. Failures are as the SDK has them. */
  async #listOne(signal: AbortSignal): Promise<void> {
    const input = { Bucket: this.bucket, Prefix: this.settings.prefix, MaxKeys: 1 };
    await this.connection.ask(
      (client, options) => client.send(new ListObjectsV2Command(input), options),
      signal,
    );
    this.#bucketSeen = true;
  }

  /** Rejects unless keys, region and bucket are right. */
  check(signal: AbortSignal): Promise<void> {
    return translating(this.#subject(undefined), signal, () => this.#listOne(signal));
  }

  /** Rejects with `unsupported` if archives are to be locked and the bucket cannot do that; some servers would not say so. */
  async checkLock(key: string, signal: AbortSignal): Promise<void> {
    if (this.#lockSeen || !isLocked(this.settings, key)) return;
    if ((await bucketLocks(this, signal)) === false) {
      const why = "was not made for locks, which lockMode and lockDays ask for";
      throw new StorageError("unsupported", `The bucket ${this.bucket} ${why}`);
    }
    this.#lockSeen = true;
  }

  notFound(key: string): StorageError {
    return new StorageError("not-found", `There is no ${key} in ${this.bucket}`, { key });
  }

  alreadyExists(key: string): StorageError {
    return new StorageError("already-exists", `There is a ${key} in ${this.bucket} already`, {
      key,
    });
  }

  /** A missing object and a missing bucket are the same answer; so the bucket is asked for once. */
  async #checkBucket(signal: AbortSignal): Promise<undefined> {
    if (this.#bucketSeen) return;
    const input = { Bucket: this.bucket };
    await this.connection
      .ask((client, options) => client.send(new HeadBucketCommand(input), options), signal)
      .catch(() => this.#listOne(signal));
    this.#bucketSeen = true;
  }

  #subject(key: string | undefined): S3Subject {
    const { endpoint, bucket } = this.settings;
    return {
      ...(key === undefined ? {} : { key }),
      bucket,
      server: endpoint?.host ?? "AWS",
      region: this.connection.region,
    };
  }
}

/** Answers whose reason is only told in a body. */
const nameless: ReadonlySet<number> = new Set([301, 307, 400, 403]);
