import { createHash } from "node:crypto";
import { isAbsolute, join } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";

export interface NfsSettings {
  readonly host: string;
  /** Absolute path on the server. */
  readonly export: string;
  /** Undefined: that of the protocol. */
  readonly port: number | undefined;
  /** `3`, `4`, `4.1` or `4.2`; undefined lets client and server agree. */
  readonly version: string | undefined;
  /** Absolute path of the folder on this machine at which it is mounted. */
  readonly mountPoint: string;
}

const usualPort = 2049;
const ownFolder = "/run/safehouse/nfs";

/** Checks settings as they were stored. Throws `usage`. */
export function parseNfsSettings(stored: unknown): NfsSettings {
  const given = typeof stored === "object" && stored !== null ? { ...stored } : {};
  const host = checked(given, "host", hostName);
  const path = checked(given, "export", absolutePath);
  if (host === undefined || path === undefined)
    throw usage("A location of kind nfs needs its host and its export", "host");
  const port = Number(checked(given, "port", portNumber) ?? usualPort);
  const name = createHash("sha256").update(`${host}\0${path}`).digest("hex").slice(0, 16);
  return {
    host,
    export: path,
    port: port === usualPort ? undefined : port,
    version: checked(given, "version", versionNumber),
    mountPoint: checked(given, "mountPoint", absolutePath) ?? join(ownFolder, name),
  };
}

/** True for a folder that nobody but us mounts anything at. */
export function isOwnMountPoint(path: string): boolean {
  return path.startsWith(`${ownFolder}/`);
}

interface Rule {
  readonly fits: (text: string) => boolean;
  /** What it has to be. */
  readonly what: string;
}

const hostName: Rule = {
  fits: (text) => /^[\w.:][\w.:-]*$/u.test(text),
  what: "the name or the address of a server",
};
const absolutePath: Rule = { fits: isAbsolute, what: "a path with / in front" };
const portNumber: Rule = {
  fits: (text) => /^\d{1,5}$/u.test(text) && Number(text) >= 1 && Number(text) <= 65_535,
  what: "a number from 1 to 65535",
};
const versionNumber: Rule = {
  fits: (text) => /^(3|4|4\.[012])$/u.test(text),
  what: "3, 4, 4.1 or 4.2",
};

/** Undefined for what was not set. */
function checked(given: object, name: string, { fits, what }: Rule): string | undefined {
  const value: unknown = Reflect.get(given, name);
  if (value === undefined || value === "") return undefined;
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text === "string" && fits(text)) return text;
  throw usage(`The setting ${name} has to be ${what}`, name);
}

/** What is mounted: `nas.lan:/volume1/backups`. */
export function sourceOf({ host, export: path }: Pick<NfsSettings, "host" | "export">): string {
  return `${host.includes(":") ? `[${host}]` : host}:${path}`;
}

function usage(message: string, subject: string): SafehouseError {
  return new SafehouseError("usage", message, { subject });
}
