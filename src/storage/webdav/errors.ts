import { StorageError, type StorageProblem } from "../errors.ts";
import { OtherCertificate } from "./agent.ts";
import { Refusal } from "./answer.ts";
import { BadMultistatus, BrokenMultistatus } from "./multistatus.ts";

/** What was being done, for people. */
export interface Doing {
  /** Host of the server, with its port. */
  readonly host: string;
  /** The key concerned; absent for the place as a whole. */
  readonly key?: string | undefined;
  /** True if a body was on its way, which proxies limit in size and time. */
  readonly sending?: boolean;
}

/**
 * Runs the work; what servers and connections do comes out as a `StorageError`, all else as it is. Where the signal has
 * ended it, its reason comes out.
 */
export async function translating<Result>(
  doing: Doing,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw asStorageError(error, doing);
  }
}

/** The one place where answers and errors become `StorageError`s. */
export function asStorageError(error: unknown, doing: Doing): unknown {
  if (error instanceof Refusal) return forRefusal(error, doing);
  if (error instanceof BadMultistatus) {
    const text = `its list of what is there cannot be read: ${error.message}`;
    return storageError("damaged", text, { doing, error });
  }
  // Rclone's server does so while a file appears in the folder.
  if (error instanceof BrokenMultistatus) {
    const text = "it has failed in the middle of its list of what is there";
    return storageError("busy", text, { doing, error });
  }
  if (error instanceof OtherCertificate) {
    const text = `it shows another certificate than the one in the settings, with the fingerprint ${error.fingerprint}; nothing was sent to it`;
    return storageError("unsupported", text, { doing, error });
  }
  if (!(error instanceof Error)) return error;
  const code = "code" in error ? String(error.code) : undefined;
  if (code === undefined && error.message !== "The connection was closed") return error;
  return forConnection(error, code ?? "closed", doing);
}

interface Trouble {
  readonly doing: Doing;
  readonly error: Error;
  readonly facts?: Readonly<Record<string, string | number>>;
}

function storageError(problem: StorageProblem, text: string, trouble: Trouble): StorageError {
  const { doing, error, facts } = trouble;
  const about = doing.key === undefined ? doing.host : `${doing.key} at ${doing.host}`;
  return new StorageError(problem, `${about}: ${text}`, {
    ...(doing.key === undefined ? {} : { key: doing.key }),
    ...(facts === undefined ? {} : { facts }),
    cause: error,
  });
}

function forRefusal(error: Refusal, doing: Doing): StorageError {
  const { status, said, retryAfterSeconds } = error;
  const [problem, text] = meaningOf(error, doing);
  const detail = said === "" ? "" : `; the server says: ${said}`;
  return storageError(problem, `${text} (${status})${detail}`, {
    doing,
    error,
    facts: {
      status,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  });
}

function meaningOf(error: Refusal, doing: Doing): readonly [StorageProblem, string] {
  const { status } = error;
  if (status === 401) return ["sign-in", signInText(error)];
  if (status < 300) return ["unsupported", error.isWebPage ? webPage : noDav];
  if (status < 400) return ["unsupported", redirectText(error, doing)];
  // What some servers say, those in Go for one, when a file cannot be written for whatever reason.
  if (status === 405 && doing.sending === true) return ["denied", notStored];
  const known = meanings.get(status);
  if (known !== undefined) return known;
  if (status < 500) return ["unsupported", "the server does not take the request"];
  return troubleOf(status, doing);
}

function troubleOf(status: number, { sending }: Doing): readonly [StorageProblem, string] {
  const [problem, text] = troubles.get(status) ?? ["unreachable", ownError];
  if (sending !== true || problem !== "unreachable") return [problem, text];
  // Servers do not tell a full disk in one way; proxies and PHP give up on long or big uploads in these ways.
  const why =
    text === ownError ? "its disk may be full, or" : "if it happens with every big upload,";
  return [problem, `${text}; ${why} a proxy's limits of size and time are too low`];
}

const webPage =
  "it answers with a web page instead of WebDAV, so the URL is probably not that of a WebDAV folder";
const noDav = "it does not answer as a WebDAV server does";
const notStored = "the server would not store it; it may lack the permission, or the space";
const ownError = "the server has an error of its own";

const meanings: ReadonlyMap<number, readonly [StorageProblem, string]> = new Map([
  [403, ["denied", "the server knows the user and forbids it"]],
  [404, ["not-found", "no such object"]],
  [
    405,
    [
      "unsupported",
      "the server does not allow this here, so the URL may not be that of a WebDAV folder",
    ],
  ],
  [408, ["unreachable", "the server has waited too long for us"]],
  [409, ["busy", "the folder that it belongs into is not there"]],
  [410, ["not-found", "no such object"]],
  [
    411,
    [
      "unsupported",
      "the server wants to know the length beforehand; name a folder in which such objects can wait (spool)",
    ],
  ],
  [412, ["already-exists", "there is one already"]],
  [
    413,
    [
      "too-large",
      "the server or a proxy in front of it takes no requests as big as this; raise its limit (client_max_body_size of nginx, LimitRequestBody of Apache), or let Nextcloud's uploads go in chunks",
    ],
  ],
  [414, ["unsupported", "the name is too long for the server"]],
  [423, ["busy", "it is locked at the server"]],
  [429, ["busy", "the server gets too many requests from us and asks to wait"]],
]);

const troubles: ReadonlyMap<number, readonly [StorageProblem, string]> = new Map([
  [501, ["unsupported", "the server cannot do it"]],
  [502, ["unreachable", "a proxy got no answer from the server behind it"]],
  [503, ["busy", "the server is not available at the moment, perhaps for maintenance"]],
  [504, ["unreachable", "a proxy has waited too long for the server behind it"]],
  [507, ["full", "no space left, or the quota is used up"]],
]);

function signInText({ schemes }: Refusal): string {
  if (schemes.includes("basic") || !schemes.includes("digest")) {
    return "user or password is wrong; Nextcloud and ownCloud want an app password where a second factor is on";
  }
  return "it only lets people sign in by Digest, which is not spoken here; turn Basic on, over https";
}

function redirectText({ location }: Refusal, { host }: Doing): string {
  const to = URL.parse(location ?? "", "http://nowhere.invalid");
  if (to === null || to.host === "nowhere.invalid") return "it sends us elsewhere without end";
  const advice =
    to.host === host ? `begin the URL with ${to.protocol}//` : "use that in the URL if it is meant";
  return `it sends us to ${to.protocol}//${to.host}, where the password will not be sent; ${advice}`;
}

function forConnection(error: Error, code: string, doing: Doing): StorageError {
  const [problem, text] = connectionMeaning(code, doing);
  return storageError(problem, text, { doing, error, facts: { code } });
}

function connectionMeaning(code: string, doing: Doing): readonly [StorageProblem, string] {
  const certificate = certificateTexts.get(code);
  if (certificate !== undefined) return ["unsupported", certificate];
  if (code.startsWith("HPE_")) return ["unsupported", `it does not speak HTTP as we do (${code})`];
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) {
    return [
      "unsupported",
      `no encrypted connection can be made (${code}); is it https:// that it speaks?`,
    ];
  }
  if (code === "ECONNREFUSED") return ["unreachable", "nothing answers there (ECONNREFUSED)"];
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return ["unreachable", `no address is known for it (${code})`];
  const lost = `the connection was lost (${code})`;
  if (doing.sending !== true) return ["unreachable", lost];
  return [
    "unreachable",
    `${lost}; if it happens with every big upload, a proxy may limit their size`,
  ];
}

const untrusted =
  "its certificate is not trusted; if it is yours, put it or its SHA-256 fingerprint into the setting certificate";
const certificateTexts: ReadonlyMap<string, string> = new Map([
  ["DEPTH_ZERO_SELF_SIGNED_CERT", untrusted],
  ["SELF_SIGNED_CERT_IN_CHAIN", untrusted],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", untrusted],
  ["UNABLE_TO_GET_ISSUER_CERT", untrusted],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", untrusted],
  ["CERT_HAS_EXPIRED", "its certificate has expired"],
  ["CERT_NOT_YET_VALID", "its certificate is not valid yet; is the clock right?"],
  ["CERT_REVOKED", "its certificate was revoked"],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "its certificate is for another name; use that in the URL, or put the certificate into the setting certificate",
  ],
]);
