import { isAbsolute } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";

export interface SyncthingSettings {
  /** Absolute path of the location: the shared folder, or a folder in it. */
  readonly path: string;
  /** Where Syncthing's own interface answers. */
  readonly apiUrl: URL;
  readonly apiKey: string;
  /** Id of the folder, where Syncthing knows it by another path than we do; undefined to find it by its path. */
  readonly folder: string | undefined;
  /** How many other devices have to have an object before it counts as delivered. */
  readonly devices: number;
  /** The interface's own certificate, in PEM; undefined for none. */
  readonly certificate: string | undefined;
}

/** Checks settings as they were stored; `path` and `apiKey` are needed. Throws `usage`. */
export function parseSyncthingSettings(stored: unknown): SyncthingSettings {
  const given: Readonly<Record<string, unknown>> =
    typeof stored === "object" && stored !== null ? { ...stored } : {};
  return {
    path: needed(given, "path", "the absolute path of the folder"),
    apiUrl: urlOf(textOf(given, "apiUrl") ?? "http://127.0.0.1:8384"),
    apiKey: needed(given, "apiKey", "the key from Syncthing's settings, under GUI"),
    folder: textOf(given, "folder"),
    devices: devicesOf(given["devices"] ?? 1),
    certificate: certificateOf(textOf(given, "certificate")),
  };
}

function needed(
  given: Readonly<Record<string, unknown>>,
  name: "path" | "apiKey",
  what: string,
): string {
  const value = textOf(given, name);
  const isGood = name === "path" ? isAbsolute(value ?? "") : /^[\x21-\x7e]+$/.test(value ?? "");
  if (value !== undefined && isGood) return value;
  throw usage(`A folder that Syncthing shares needs ${name}: ${what}`, name);
}

function devicesOf(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
  throw usage("The number of other devices has to be a whole one, and not 0", "devices");
}

function certificateOf(text: string | undefined): string | undefined {
  if (text === undefined || text.includes("-----BEGIN CERTIFICATE-----")) return text;
  const message = "The certificate has to be in PEM, as Syncthing keeps it in https-cert.pem";
  throw usage(message, "certificate");
}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw usage("Syncthing's address has to look like http://127.0.0.1:8384", "apiUrl");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw usage("Syncthing's address has to be without user, password and parameters", "apiUrl");
  }
  return url;
}

/** A text, undefined for none. */
function textOf(given: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = given[name];
  if (value === undefined || value === "") return undefined;
  if (typeof value === "string" && !value.includes("\0")) return value;
  throw usage(`${name} has to be a text`, name);
}

function usage(message: string, subject: string): SafehouseError {
  return new SafehouseError("usage", message, { subject });
}
