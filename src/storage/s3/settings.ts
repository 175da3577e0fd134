import { X509Certificate } from "node:crypto";
import { SafehouseError } from "#core/model/problem.ts";
import { checkKey } from "../key.ts";
import { parseEndpoint, regionInHost } from "./endpoint.ts";

/** Where a bucket is and how objects are put into it. */
export interface S3Settings {
  readonly bucket: string;
  /** What every key in the bucket begins with: `""`, or names with `/` behind each. */
  readonly prefix: string;
  /** As it was given; undefined where it is found out. */
  readonly region: string | undefined;
  /** What to begin with as long as the region was not found out. */
  readonly likelyRegion: string;
  /** Without path; undefined for AWS itself. */
  readonly endpoint: URL | undefined;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  /** True for `host/bucket/key`, false for `bucket.host/key`. */
  readonly pathStyle: boolean;
  /** Of archives; whatever else there is must be readable at once. */
  readonly storageClass: string | undefined;
  readonly objectLock: ObjectLock | undefined;
  /** Certificate in PEM that is trusted beside those that everybody trusts. */
  readonly certificate: string | undefined;
  /** Bytes of one part of an upload, but the last; undefined for what fits the object. */
  readonly partBytes: number | undefined;
}

/** How long archives can be removed by nobody. */
export interface ObjectLock {
  /** Whoever has a special permission can lift `GOVERNANCE`; nobody can lift `COMPLIANCE`. */
  readonly mode: "GOVERNANCE" | "COMPLIANCE";
  readonly days: number;
}

const mebibyte = 1024 * 1024;

/** Checks settings as they were stored. Bucket and keys are needed. Throws `usage`. */
export function parseS3Settings(stored: unknown): S3Settings {
  const given = new GivenSettings(stored);
  const endpoint = parseEndpoint(given.text("endpoint"));
  const region = given.text("region");
  const partSize = given.wholeNumber("partSize", 5, 1024);
  return {
    bucket: parseBucket(given.text("bucket")),
    prefix: parsePrefix(given.text("prefix") ?? ""),
    region,
    likelyRegion: region ?? regionInHost(endpoint) ?? "us-east-1",
    endpoint,
    accessKeyId: given.needed("accessKeyId"),
    secretAccessKey: given.needed("secretAccessKey"),
    sessionToken: given.text("sessionToken"),
    pathStyle: given.flag("pathStyle") ?? endpoint !== undefined,
    storageClass: given.text("storageClass")?.toUpperCase(),
    objectLock: parseLock(given.text("lockMode"), given.wholeNumber("lockDays", 1, 36_500)),
    certificate: parseCertificate(given.text("certificate")),
    partBytes: partSize === undefined ? undefined : partSize * mebibyte,
  };
}

/** Values by name; an empty text is none. */
class GivenSettings {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(stored: unknown) {
    const isObject = typeof stored === "object" && stored !== null;
    this.#values = new Map<string, unknown>(isObject ? Object.entries(stored) : []);
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string") throw usage(name, `${name} has to be a text`);
    return value.trim() === "" ? undefined : value.trim();
  }

  needed(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw usage(name, `An S3 location needs ${name}`);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.#values.get(name);
    if (value === undefined || typeof value === "boolean") return value;
    throw usage(name, `${name} has to be yes or no`);
  }

  wholeNumber(name: string, least: number, most: number): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    const fits = Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
    if (fits) return Number(value);
    throw usage(name, `${name} has to be a whole number from ${least} to ${most}`);
  }
}

function parseBucket(bucket: string | undefined): string {
  if (bucket !== undefined && /^[\w.-]{3,255}$/.test(bucket)) return bucket;
  throw usage("bucket", "An S3 location needs the name of a bucket: letters, digits, dots, dashes");
}

function parsePrefix(given: string): string {
  const names = given.replace(/^\/+|\/+$/g, "");
  if (names === "") return "";
  try {
    checkKey(names);
  } catch (error) {
    throw usage("prefix", `prefix has to be names joined by "/", not "${given}"`, error);
  }
  return `${names}/`;
}

function parseLock(mode: string | undefined, days: number | undefined): ObjectLock | undefined {
  if (mode === undefined && days === undefined) return undefined;
  const known = mode?.toUpperCase();
  if (known !== "GOVERNANCE" && known !== "COMPLIANCE") {
    throw usage("lockMode", "lockMode has to be governance or compliance");
  }
  if (days !== undefined) return { mode: known, days };
  throw usage("lockDays", "A lock needs lockDays, the days for which an archive cannot be removed");
}

function parseCertificate(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return new X509Certificate(text).toString();
  } catch (error) {
    throw usage("certificate", "certificate has to be a certificate in PEM", error);
  }
}

function usage(subject: string, message: string, cause?: unknown): SafehouseError {
  return new SafehouseError("usage", message, {
    subject,
    ...(cause === undefined ? {} : { cause }),
  });
}
