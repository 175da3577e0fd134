import { StorageError } from "../errors.ts";
import type { StorageProblem } from "../errors.ts";
import { failureOf, headerOf, regionToldBy, tellOf } from "./s3-error.ts";
import type { S3Failure } from "./s3-error.ts";

/** What failed, and where. */
export interface S3Subject {
  /** Key of the object concerned, as this program has it. */
  readonly key?: string;
  readonly bucket: string;
  /** Host and port, or AWS. */
  readonly server: string;
  /** The region that was asked, and whether the settings name it. */
  readonly region: string;
}

/** Runs the work; failures of the SDK come out as `StorageError`s, and a cancelled one with the signal's reason. */
export async function translating<Result>(
  subject: S3Subject,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw asStorageError(error, subject);
  }
}

/** The one place where failures of S3 become ours. Errors that are none come back as they are. */
export function asStorageError(error: unknown, subject: S3Subject): unknown {
  const failure = failureOf(error);
  if (failure === undefined || error instanceof StorageError || error instanceof RangeError) {
    return error;
  }
  const [problem, why] = explained(failure, error, subject);
  const { key, bucket, server } = subject;
  const what =
    key === undefined ? `The bucket ${bucket} at ${server}` : `${key} in ${bucket} at ${server}`;
  return new StorageError(problem, `${what}: ${why}`, {
    ...(key === undefined ? {} : { key }),
    cause: error,
  });
}

type Explained = readonly [problem: StorageProblem, why: string];

function explained(failure: S3Failure, error: unknown, subject: S3Subject): Explained {
  const { code, status } = failure;
  if (status === undefined) return fromNetwork(error, failure);
  if (clockCodes.has(code)) return ["sign-in", clockText(error)];
  const region = regionToldBy(error);
  if (regionCodes.has(code) || (status === 301 && region !== undefined)) {
    return ["sign-in", regionText(region, subject)];
  }
  if (nameless.has(code))
    return ["unreachable", `what answers there is no S3 server (status ${status})`];
  const known = byText(failure) ?? byCode.get(code) ?? byStatusOf(failure);
  if (known !== undefined) return [known[0], withCode(known[1], failure)];
  const text = `the server says ${code}: ${failure.message}`;
  return [status >= 500 ? "unreachable" : "unsupported", text];
}

/** Where nothing is told but a status. That something is missing may also be said of a user, or of a setting. */
function byStatusOf({ code, status = 0 }: S3Failure): Explained | undefined {
  return status === 404 && code !== "NotFound" ? undefined : byStatus.get(status);
}

/** What some servers tell only in words. */
function byText({ code, message }: S3Failure): Explained | undefined {
  // Backblaze B2, of an account that may keep no more.
  if (code === "AccessDenied" && /\bcap exceeded|\bquota\b/i.test(message))
    return ["full", message];
  if (/no space left on device|disk quota exceeded/i.test(message)) {
    return ["full", "no space left there"];
  }
  // Cloudflare R2, of a key of the wrong length.
  if (code === "InvalidArgument" && /credential|access key/i.test(message)) {
    return ["sign-in", message];
  }
  return undefined;
}

function withCode(text: string, { code, status }: S3Failure): string {
  return /^[A-Z]\w+$/.test(code) && code !== "Unknown" && code !== "UnknownError"
    ? `${text} (${code})`
    : `${text} (status ${status})`;
}

function clockText(error: unknown): string {
  const there = tellOf(error, "ServerTime") ?? headerOf(error, "date");
  const here = tellOf(error, "RequestTime") ?? new Date().toISOString();
  const times = there === undefined ? "" : `: it is ${there} there, and ${here} here`;
  return `the clock of this machine or of the server is wrong${times}`;
}

function regionText(region: string | undefined, subject: S3Subject): string {
  const where = region === undefined ? "in another region" : `in the region ${region}`;
  return `it lies ${where}, and ${subject.region} was asked`;
}

/** Names of errors about answers that the SDK cannot read. */
const nameless: ReadonlySet<string> = new Set(["Error", "SyntaxError", "TypeError"]);

const clockCodes: ReadonlySet<string> = new Set([
  "RequestTimeTooSkewed",
  "RequestExpired",
  "RequestInTheFuture",
]);

const regionCodes: ReadonlySet<string> = new Set([
  "PermanentRedirect",
  "TemporaryRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
  "IncorrectEndpoint",
]);

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and those of the compatible servers */
const byCode: ReadonlyMap<string, Explained> = new Map<string, Explained>([
  ...all(["NoSuchKey", "NoSuchVersion"], "not-found", "no such object"),
  ...all(["NoSuchBucket"], "unreachable", "there is no such bucket"),
  ...all(["InvalidBucketName"], "unsupported", "no bucket can have that name there"),
  ...all(
    ["InvalidAccessKeyId", "InvalidClientTokenId", "XAdminUserNotFound"],
    "sign-in",
    "the access key is not known",
  ),
  ...all(["SignatureDoesNotMatch"], "sign-in", "the secret key is wrong"),
  ...all(["ExpiredToken", "TokenRefreshRequired"], "sign-in", "the session has expired"),
  ...all(
    ["InvalidToken", "InvalidSecurity", "Unauthorized"],
    "sign-in",
    "the keys are not accepted",
  ),
  ...all(["NotSignedUp", "AccountProblem"], "sign-in", "there is something wrong with the account"),
  ...all(
    ["AccessDenied", "Forbidden", "AllAccessDisabled"],
    "denied",
    "these keys may not do that",
  ),
  ...all(["ObjectLocked"], "denied", "it is locked and cannot be removed yet"),
  ...all(["PreconditionFailed"], "already-exists", "exists already"),
  ...all(["ConditionalRequestConflict", "OperationAborted"], "busy", "somebody else writes it now"),
  ...all(["NoSuchUpload"], "busy", "somebody has given up the unfinished upload"),
  ...all(["SlowDown", "SlowDownRead", "SlowDownWrite", "Busy"], "busy", "too many requests"),
  ...all(["TooManyRequests", "ServiceUnavailable", "Throttling"], "busy", "too many requests"),
  ...all(["RequestTimeout"], "unreachable", "the connection was too slow for the server"),
  ...all(
    ["EntityTooLarge", "MaxMessageLengthExceeded"],
    "too-large",
    "larger than one object may be",
  ),
  ...all(["QuotaExceeded", "QuotaExceededException"], "full", "the quota is used up"),
  ...all(["XMinioAdminBucketQuotaExceeded"], "full", "the quota is used up"),
  ...all(
    ["StorageFull", "XMinioStorageFull", "InsufficientStorage"],
    "full",
    "no space left there",
  ),
  ...all(["BadDigest", "InvalidDigest", "IncompleteBody"], "damaged", "other bytes came there"),
  ...all(
    ["XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"],
    "damaged",
    "other bytes came there",
  ),
  ...all(["InvalidPart", "InvalidPartOrder"], "damaged", "parts of it are missing there"),
  ...all(
    ["InvalidObjectState"],
    "unsupported",
    "it lies in a class of storage that has to be restored at the provider before it can be read",
  ),
  ...all(["InvalidStorageClass"], "unsupported", "the server has no such class of storage"),
  ...all(["KeyTooLongError"], "unsupported", "the name is too long for the server"),
  ...all(["NotImplemented"], "unsupported", "the server cannot do that"),
]);

const byStatus: ReadonlyMap<number, Explained> = new Map<number, Explained>([
  [401, ["sign-in", "the keys are not accepted"]],
  [403, ["denied", "these keys may not do that"]],
  [404, ["not-found", "no such object"]],
  [409, ["busy", "somebody else writes it now"]],
  [412, ["already-exists", "exists already"]],
  [413, ["too-large", "larger than the server takes"]],
  [429, ["busy", "too many requests"]],
  [503, ["busy", "the server has too much to do"]],
  [507, ["full", "no space left there"]],
]);

function all(
  codes: readonly string[],
  problem: StorageProblem,
  why: string,
): [string, Explained][] {
  return codes.map((code) => [code, [problem, why]]);
}

/** No answer came, or one that cannot be understood. */
function fromNetwork(error: unknown, { code: name }: S3Failure): Explained {
  const code = tellOf(error, "code") ?? name;
  if (certificateCodes.test(code)) {
    return ["unreachable", `the server's certificate is not trusted (${code})`];
  }
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "EPROTO") {
    return ["unreachable", "it does not speak TLS there; try an endpoint that begins with http://"];
  }
  const why = networkTexts.get(code);
  return ["unreachable", why ?? `no answer that can be understood (${code})`];
}

const certificateCodes =
  /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|ERR_TLS_CERT|HOSTNAME_MISMATCH/;

const networkTexts: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "nothing answers at that port"],
  ["ENOTFOUND", "no address is known for that name"],
  ["EAI_AGAIN", "the name cannot be looked up at the moment"],
  ["ECONNRESET", "the connection was cut"],
  ["EPIPE", "the connection was cut"],
  ["EHOSTUNREACH", "there is no way to that host"],
  ["ENETUNREACH", "there is no network"],
  ["ETIMEDOUT", "no answer"],
  ["TimeoutError", "no answer"],
]);
