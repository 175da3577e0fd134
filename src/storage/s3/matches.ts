import { createHash, type Hash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { interruptible } from "../interruptible.ts";
import type { OpenBody } from "../provider.ts";
import { crc32Bytes } from "./checksum.ts";
import type { S3Place } from "./place.ts";
import { bareEtag } from "./stored-object.ts";
import { partBytesField } from "./upload-target.ts";

/** A checksum that the server tells, and how to make the same of other bytes. */
interface ToldSum {
  readonly told: string;
  /** Bytes of the parts that it is made of; undefined if it is made of the whole at once. */
  readonly partBytes: number | undefined;
  readonly begin: () => RunningSum;
  /** What another sum proves: other bytes, or nothing, because it may be no sum of the bytes at all. */
  readonly otherwise: false | undefined;
  readonly encoding: "base64" | "hex";
}

interface RunningSum {
  update(bytes: Uint8Array): unknown;
  digest(): Buffer;
}

/**
 * Compares what the server tells of an object with bytes of our own. An ETag is an MD5 at most servers, and something
 * else where it encrypts with keys of its own. So one that agrees proves sameness, and another proves nothing, unless this
 * server was seen to make MD5s.
 */
export async function matchesObject(
  place: S3Place,
  { key, open }: { readonly key: string; readonly open: OpenBody },
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const found = await place.head(key, signal);
  if (found === undefined) throw place.notFound(key);
  const sum = toldSum(found, place.dialect.etagsAreMd5 === true);
  if (sum === undefined) return undefined;
  const parts = new PartSums(sum);
  let size = 0;
  for await (const chunk of interruptible(open(), signal)) {
    size += chunk.length;
    parts.update(chunk);
  }
  if (size !== found.ContentLength) return false;
  return parts.text() === sum.told ? true : sum.otherwise;
}

function toldSum(found: HeadObjectCommandOutput, etagsAreMd5: boolean): ToldSum | undefined {
  const { ChecksumCRC32, ChecksumSHA256, ETag, ContentLength: size = 0 } = found;
  const partBytes = Number(found.Metadata?.[partBytesField]);
  const inParts = { partBytes, size };
  return (
    sumOf({ told: ChecksumSHA256, begin: sha256, otherwise: false, encoding: "base64" }, inParts) ??
    sumOf(
      { told: ChecksumCRC32, begin: runningCrc32, otherwise: false, encoding: "base64" },
      inParts,
    ) ??
    sumOf(
      {
        told: md5In(ETag),
        begin: md5,
        otherwise: etagsAreMd5 ? false : undefined,
        encoding: "hex",
      },
      inParts,
    )
  );
}

/** A sum of sums ends in the number of its parts; of an object by somebody else nobody knows how large they are. */
function sumOf(
  sum: Omit<ToldSum, "told" | "partBytes"> & { readonly told: string | undefined },
  { partBytes, size }: { readonly partBytes: number; readonly size: number },
): ToldSum | undefined {
  const { told } = sum;
  if (told === undefined) return undefined;
  const count = /-(\d+)$/.exec(told)?.[1];
  if (count === undefined) return { ...sum, told, partBytes: undefined };
  if (!(partBytes > 0) || Math.ceil(size / partBytes) !== Number(count)) return undefined;
  return { ...sum, told, partBytes };
}

function md5In(etag: string | undefined): string | undefined {
  return /^[0-9a-f]{32}(-\d+)?$/.exec(bareEtag(etag))?.[0];
}

/** The sum of everything, or that of the sums of parts with their number behind it. */
class PartSums {
  readonly #sum: ToldSum;
  readonly #sums: Buffer[] = [];
  #part: RunningSum;
  #partLength = 0;

  constructor(sum: ToldSum) {
    this.#sum = sum;
    this.#part = sum.begin();
  }

  update(bytes: Uint8Array): void {
    const partBytes = this.#sum.partBytes ?? Infinity;
    for (let at = 0; at < bytes.length;) {
      if (this.#partLength === partBytes) this.#endPart();
      const piece = bytes.subarray(at, at + partBytes - this.#partLength);
      this.#part.update(piece);
      this.#partLength += piece.length;
      at += piece.length;
    }
  }

  text(): string {
    const { begin, encoding, partBytes } = this.#sum;
    if (partBytes === undefined) return this.#part.digest().toString(encoding);
    this.#endPart();
    const all = begin();
    all.update(Buffer.concat(this.#sums));
    return `${all.digest().toString(encoding)}-${this.#sums.length}`;
  }

  #endPart(): void {
    this.#sums.push(this.#part.digest());
    this.#part = this.#sum.begin();
    this.#partLength = 0;
  }
}

function sha256(): Hash {
  return createHash("sha256");
}

function md5(): Hash {
  return createHash("md5");
}

function runningCrc32(): RunningSum {
  let value = 0;
  return {
    update: (bytes) => (value = crc32(bytes, value)),
    digest: () => crc32Bytes(value),
  };
}
