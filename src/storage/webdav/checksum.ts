import { createHash } from "node:crypto";
import { interruptible } from "../interruptible.ts";
import type { OpenBody } from "../provider.ts";
import { Refusal } from "./answer.ts";
import { translating } from "./errors.ts";
import type { Nextcloud } from "./nextcloud.ts";
import { isMissing, type WebdavPlace } from "./place.ts";

export interface ToCompare {
  readonly place: WebdavPlace;
  readonly nextcloud: Nextcloud;
  readonly key: string;
}

/** A checksum that the server has made of what it keeps. */
interface Checksum {
  readonly algorithm: "sha256" | "sha1";
  /** In hex. */
  readonly digest: string;
}

/**
 * Compares an object with a body. Nextcloud (from 24 on) computes a checksum of the stored file when asked to by
 * `X-Recalculate-Hash` (https://github.com/nextcloud/server/pull/27378); what it lists as `oc:checksums` is only what
 * some client has said, and counts for nothing here. ownCloud and its kin list what they have computed.
 */
export async function matchesChecksum(
  { place, nextcloud, key }: ToCompare,
  open: OpenBody,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const { size } = await place.stat(key, signal);
  const checksum = await translating(place.doing(key), signal, async () => {
    const path = place.pathOf(key);
    return (
      (await recalculated(place, path, signal)) ?? listed({ place, nextcloud, key }, path, signal)
    );
  });
  if (checksum === undefined) return undefined;
  const hash = createHash(checksum.algorithm);
  let length = 0;
  for await (const bytes of interruptible(open(), signal)) {
    length += bytes.length;
    if (length > size) return false;
    hash.update(bytes);
  }
  return length === size && hash.digest("hex") === checksum.digest;
}

async function recalculated(
  { client }: WebdavPlace,
  path: string,
  signal: AbortSignal,
): Promise<Checksum | undefined> {
  const order = { method: "PATCH", path, headers: { "x-recalculate-hash": "sha256" } };
  try {
    const { headers } = await client.call(order, [200, 204], signal);
    return checksumIn(String(headers["oc-checksum"] ?? ""));
  } catch (error) {
    // Too long for a proxy, not allowed or not known: then it does not tell.
    const isLater = error instanceof Refusal && [401, 423, 429, 503].includes(error.status);
    if (!(error instanceof Refusal) || isLater || isMissing(error)) throw error;
    return undefined;
  }
}

async function listed(
  { place, nextcloud }: ToCompare,
  path: string,
  signal: AbortSignal,
): Promise<Checksum | undefined> {
  if (!(await nextcloud.makesChecksums(signal))) return undefined;
  const name = "http://owncloud.org/ns checksums";
  const entry = await place.client.propertiesOf(path, [name], signal);
  return checksumIn(entry?.texts.get(name) ?? "");
}

/** The best of `SHA1:… MD5:…`. */
function checksumIn(text: string): Checksum | undefined {
  for (const [algorithm, length] of [
    ["sha256", 64],
    ["sha1", 40],
  ] as const) {
    const found = new RegExp(`\\b${algorithm}:([0-9a-f]{${length}})\\b`, "i").exec(text)?.[1];
    if (found !== undefined) return { algorithm, digest: found.toLowerCase() };
  }
  return undefined;
}
