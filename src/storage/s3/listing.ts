import { ListObjectsV2Command, type _Object } from "@aws-sdk/client-s3";
import { checkKey, checkPrefix } from "../key.ts";
import type { StoredObject } from "../provider.ts";
import type { S3Place } from "./place.ts";
import { isProbe } from "./probe.ts";
import { storedObject } from "./stored-object.ts";

/** Objects below a prefix, a thousand at a time. */
export async function* listObjects(
  place: S3Place,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredObject[], void, undefined> {
  checkPrefix(prefix);
  const input = {
    Bucket: place.bucket,
    Prefix: place.settings.prefix + prefix,
    Delimiter: "/",
    // XML cannot hold every character that a key may have.
    EncodingType: "url",
  } as const;
  let token: string | undefined;
  do {
    const page = await place.ask(
      undefined,
      (client, options) =>
        client.send(new ListObjectsV2Command({ ...input, ContinuationToken: token }), options),
      signal,
    );
    const decode = page.EncodingType === "url" ? decodeKey : (key: string) => key;
    const objects = (page.Contents ?? []).map((object) => toldObject(place, object, decode));
    yield objects.filter((object) => object !== undefined);
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

function toldObject(
  place: S3Place,
  object: _Object,
  decode: (key: string) => string,
): StoredObject | undefined {
  const key = decode(object.Key ?? "").slice(place.settings.prefix.length);
  // Programs with folders keep them as empty objects whose names end in "/".
  if (!isKey(key) || isProbe(key)) return undefined;
  return storedObject(key, {
    size: object.Size,
    modifiedAt: object.LastModified,
    etag: object.ETag,
  });
}

/** The encoding of forms, where a blank may be a plus. */
function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll("+", "%20"));
}

function isKey(key: string): boolean {
  try {
    checkKey(key);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
