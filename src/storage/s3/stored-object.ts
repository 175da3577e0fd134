import type { HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import type { StoredObject } from "../provider.ts";

/** What listings and single answers have in common. */
interface ToldObject {
  readonly size: number | undefined;
  readonly modifiedAt: Date | undefined;
  readonly etag: string | undefined;
}

/** What a server says of an object. Listings tell fractions of a second, which single answers do not. */
export function storedObject(key: string, { size, modifiedAt, etag }: ToldObject): StoredObject {
  return {
    key,
    size: size ?? 0,
    modifiedAt: Math.floor((modifiedAt?.getTime() ?? 0) / 1000) * 1000,
    version: bareEtag(etag),
  };
}

/** The same from the answer to a HEAD. */
export function headedObject(key: string, head: HeadObjectCommandOutput): StoredObject {
  const { ContentLength: size, LastModified: modifiedAt, ETag: etag } = head;
  return storedObject(key, { size, modifiedAt, etag });
}

/** An ETag without its quotes, which not all servers write. */
export function bareEtag(etag: string | undefined): string {
  return (etag ?? "").replace(/^"|"$/g, "");
}
