import { isAbsolute } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";
import { readTrust, type Trust } from "./trust.ts";

export interface WebdavSettings {
  /** `https://host` or `http://host`, with its port. */
  readonly origin: string;
  /** Names of the folder's path on the server, decoded. */
  readonly folder: readonly string[];
  /** Absent: nobody signs in. */
  readonly account: Account | undefined;
  /** What is trusted besides the authorities of the system. */
  readonly trust: Trust | undefined;
  /** Whether big objects go up in chunks, as Nextcloud takes them; undefined: as the URL looks. */
  readonly chunking: boolean | undefined;
  /** Absolute path of a folder in which objects of unknown length may wait until they can be sent. */
  readonly spool: string | undefined;
}

export interface Account {
  readonly user: string;
  readonly password: string;
}

/** Checks settings as they were stored. Only `url` is needed. Throws `usage`. */
export function parseWebdavSettings(stored: unknown): WebdavSettings {
  const given = new Map(
    Object.entries(typeof stored === "object" && stored !== null ? stored : {}),
  );
  const chunking: unknown = given.get("chunking");
  if (chunking !== undefined && typeof chunking !== "boolean") {
    throw usage("Whether uploads go in chunks has to be yes or no", "chunking");
  }
  const certificate = text(given, "certificate");
  const spool = text(given, "spool");
  if (spool !== undefined && !isAbsolute(spool)) {
    throw usage("The folder for waiting objects needs an absolute path", "spool");
  }
  const url = readUrl(text(given, "url"));
  if (certificate !== undefined && url.protocol !== "https:") {
    throw usage("A certificate is only of use with a URL that begins with https://", "certificate");
  }
  const settings = {
    origin: url.origin,
    folder: namesOf(url.pathname),
    account: readAccount(text(given, "user"), given.get("password")),
    trust: certificate === undefined ? undefined : readTrust(certificate),
    chunking,
    spool,
  };
  if (chunking === true && !ofNextcloud.test(settings.folder.join("/"))) {
    const message =
      "Uploads in chunks need a URL with /remote.php/dav/files/ and the user's id in it";
    throw usage(message, "chunking");
  }
  return settings;
}

/** Where Nextcloud and ownCloud have the files of a user. */
const ofNextcloud = /(^|\/)remote\.php\/(webdav(\/|$)|dav\/files\/[^/])/;

/** Names in a path, decoded; one that is not encoded right is taken as it is. */
export function namesOf(path: string): readonly string[] {
  return path
    .split("/")
    .filter((name) => name !== "")
    .map((name) => {
      try {
        return decodeURIComponent(name);
      } catch (error) {
        if (error instanceof URIError) return name;
        throw error;
      }
    });
}

function readUrl(given: string | undefined): URL {
  if (given === undefined) throw usage("A WebDAV location needs the URL of a folder", "url");
  const url = URL.parse(given.trim());
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw usage("The URL has to begin with https:// or http:// and name a server", "url");
  }
  if (url.username !== "" || url.password !== "") {
    throw usage(
      "User and password have settings of their own and do not belong into the URL",
      "url",
    );
  }
  if (url.search !== "" || url.hash !== "") {
    throw usage("The URL must not hold ? or #; in a folder's name they are %3F and %23", "url");
  }
  return url;
}

function readAccount(user: string | undefined, password: unknown): Account | undefined {
  if (user === undefined && (password === undefined || password === "")) return undefined;
  if (user === undefined) throw usage("A password needs a user", "user");
  if (user.includes(":")) throw usage("The name of the user must not hold a colon", "user");
  if (typeof password !== "string") throw usage("The user needs a password", "password");
  return { user, password };
}

function text(given: ReadonlyMap<string, unknown>, name: string): string | undefined {
  const value = given.get(name);
  if (value === undefined || value === "") return undefined;
  if (typeof value === "string") return value;
  throw usage(`${name} has to be text`, name);
}

function usage(message: string, subject: string): SafehouseError {
  return new SafehouseError("usage", message, { subject });
}
