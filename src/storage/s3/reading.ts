import type { Readable } from "node:stream";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { StorageError } from "../errors.ts";
import { interruptible } from "../interruptible.ts";
import type { ByteRange } from "../provider.ts";
import type { S3Place } from "./place.ts";
import { failureOf } from "./s3-error.ts";

/** An object, or what is left of it. */
interface Answer {
  readonly body: Readable;
  readonly etag: string | undefined;
  /** Bytes that will come. */
  readonly length: number;
}

/**
 * Bytes of an object. When the connection is cut in the middle, it goes on from there, as long as the object is the same
 * and each new connection brings something.
 */
export async function readObject(
  place: S3Place,
  { key, range }: { readonly key: string; readonly range: ByteRange | undefined },
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const { offset, length } = range ?? { offset: 0 };
  if (length === 0) {
    if ((await place.head(key, signal)) === undefined) throw place.notFound(key);
    return nothing();
  }
  const end = length === undefined ? undefined : offset + length;
  const first = await ask({ place, key, offset, end, etag: undefined }, signal);
  return first === undefined ? nothing() : chunks({ place, key, offset, end }, first, signal);
}

interface Wanted {
  readonly place: S3Place;
  readonly key: string;
  readonly offset: number;
  /** Up to, but not including; undefined for all. */
  readonly end: number | undefined;
}

async function* chunks(
  { place, key, offset, end }: Wanted,
  first: Answer,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { etag } = first;
  const upTo = offset + first.length;
  let answer: Answer | undefined = first;
  let at = offset;
  while (at < upTo) {
    const began = at;
    const { body } = answer;
    try {
      for await (const chunk of interruptible<Buffer>(body, signal)) {
        at += chunk.length;
        yield chunk;
      }
      if (at < upTo) throw cut(key, place);
    } catch (error) {
      signal.throwIfAborted();
      if (at === began) throw error instanceof StorageError ? error : cut(key, place, error);
    } finally {
      body.destroy();
    }
    if (at >= upTo) return;
    answer = await ask({ place, key, offset: at, end, etag }, signal);
    if (answer === undefined) throw cut(key, place);
  }
}

/** Undefined if the object ends before the offset. */
async function ask(
  { place, key, offset, end, etag }: Wanted & { readonly etag: string | undefined },
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const isWhole = offset === 0 && end === undefined;
  const input = {
    Bucket: place.bucket,
    Key: place.keyInBucket(key),
    ...(isWhole ? {} : { Range: `bytes=${offset}-${end === undefined ? "" : end - 1}` }),
    ...(etag === undefined ? {} : { IfMatch: etag }),
  };
  return place.ask(
    key,
    async (client, options) => {
      try {
        const answer = await client.send(new GetObjectCommand(input), options);
        const body = answer.Body as unknown as Readable;
        // What is cut before somebody reads it fails when it is read.
        body.on("error", () => undefined);
        return { body, etag: answer.ETag, length: answer.ContentLength ?? 0 };
      } catch (error) {
        const failure = failureOf(error);
        if (failure?.status === 416) return undefined;
        if (failure?.status !== 412) throw error;
        throw new StorageError("damaged", `${key} was replaced while it was read`, { key });
      }
    },
    signal,
  );
}

function cut(key: string, place: S3Place, cause?: unknown): StorageError {
  const server = place.settings.endpoint?.host ?? "AWS";
  return new StorageError("unreachable", `${key}: the connection to ${server} was cut`, {
    key,
    cause,
  });
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}
