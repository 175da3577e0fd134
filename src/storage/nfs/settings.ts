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
  const host = textOf(given, "host");
  const path = textOf(given, "export");
  const version = textOf(given, "version");
  const port = Number(textOf(given, "port") ?? usualPort);
  const mountPoint = textOf(given, "mountPoint");
  if (host === undefined || !/^[\w.:-]+$/u.test(host))
    throw usage("A location of kind nfs needs the name or the address of its server", "host");
  if (path === undefined || !path.startsWith("/"))
    throw usage("A location of kind nfs needs the path of an export, with / in front", "export");
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw usage("The port is a number from 1 to 65535", "port");
  if (version !== undefined && !/^(3|4|4\.[012])$/u.test(version))
    throw usage("The version of NFS is 3, 4, 4.1 or 4.2", "version");
  if (mountPoint !== undefined && !isAbsolute(mountPoint))
    throw usage("The folder at which it is mounted needs an absolute path", "mountPoint");
  const name = createHash("sha256").update(`${host}\0${path}`).digest("hex").slice(0, 16);
  const other = port === usualPort ? undefined : port;
  return {
    host,
    export: path,
    port: other,
    version,
    mountPoint: mountPoint ?? join(ownFolder, name),
  };
}

/** What is mounted: `nas.lan:/volume1/backups`. */
export function sourceOf({ host, export: path }: Pick<NfsSettings, "host" | "export">): string {
  return `${host.includes(":") ? `[${host}]` : host}:${path}`;
}

function textOf(given: object, name: string): string | undefined {
  const value: unknown = Reflect.get(given, name);
  if (value === undefined || value === "") return undefined;
  return String(value);
}

function usage(message: string, subject: string): SafehouseError {
  return new SafehouseError("usage", message, { subject });
}
