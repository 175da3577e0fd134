import { JsonFields, readText, refuse } from "#core/json-fields.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { knownSettings } from "#core/settings/known-settings.ts";
import type { RingKey } from "#keys/key-ring-port.ts";

/** Settings of a home outside of its data directory. */
export interface SettingsDocument {
  readonly version: 1;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Undefined in an export without secrets. */
  readonly keys: ExportedRing | undefined;
  /** What opens the sealed secrets in the settings, in base64; undefined if there are none. */
  readonly secretKey: string | undefined;
}

export interface ExportedRing {
  readonly current: string | undefined;
  readonly keys: readonly ExportedKey[];
}

/** A key of the ring together with what is secret about it. */
export interface ExportedKey extends RingKey {
  /** The key itself, dashes included. */
  readonly key: string;
}

/**
 * Reads and checks an export as it comes out of a file. Settings that this program does not know pass as they
 * are.
 * @throws SafehouseError `usage`, naming what is wrong; `unknown-version` for a file of a newer program
 */
export function parseSettingsDocument(value: unknown): SettingsDocument {
  const fields = new JsonFields(value, "file", ["version", "settings", "keys", "secretKey"]);
  const version = fields.value("version", readVersion);
  const settings = fields.optional("settings", readSettings) ?? {};
  for (const { name, check } of knownSettings)
    if (Object.hasOwn(settings, name)) check(settings[name]);
  return {
    version,
    settings,
    keys: fields.optional("keys", readRing),
    secretKey: fields.optional("secretKey", readSecretKey),
  };
}

function readVersion(value: unknown, path: string): 1 {
  if (value === 1) return value;
  if (typeof value === "number" && value > 1)
    throw new SafehouseError("unknown-version", "The file was written by a newer Safehouse", {
      advice: "Import it with that version, or a newer one",
    });
  return refuse(path, "1");
}

function readSettings(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    refuse(path, "an object");
  const stated = Object.entries(value).filter(([, setting]) => setting !== null);
  return Object.fromEntries(stated) as Readonly<Record<string, unknown>>;
}

function readRing(value: unknown, path: string): ExportedRing {
  const fields = new JsonFields(value, path, ["current", "keys"]);
  const keys = fields.list("keys", readKey);
  const ids = keys.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) refuse(`${path}.keys`, "a list with each id once");
  const current = fields.optional("current", readText);
  if (current !== undefined && !ids.includes(current)) refuse(`${path}.current`, "one of the keys");
  return { current, keys };
}

function readKey(value: unknown, path: string): ExportedKey {
  const fields = new JsonFields(value, path, ["id", "name", "origin", "madeAt", "provenAt", "key"]);
  return {
    id: fields.value("id", readId),
    name: fields.text("name"),
    origin: fields.oneOf("origin", ["generated", "imported"]),
    madeAt: fields.value("madeAt", readTime),
    provenAt: fields.optional("provenAt", readTime),
    key: fields.value("key", readSecret),
  };
}

function readId(value: unknown, path: string): string {
  const isId = typeof value === "string" && /^[0-9a-f]{6}$/u.test(value);
  return isId ? value : refuse(path, "six hexadecimal digits, in quotes if they are all numbers");
}

function readTime(value: unknown, path: string): string {
  const isTime = typeof value === "string" && !Number.isNaN(Date.parse(value));
  return isTime ? value : refuse(path, "a date and time");
}

/** Every character of a password counts, blanks around it too. */
function readSecret(value: unknown, path: string): string {
  return typeof value === "string" && value !== "" ? value : refuse(path, "a password in quotes");
}

function readSecretKey(value: unknown, path: string): string {
  const isKey = typeof value === "string" && /^[A-Za-z0-9+/]{43}=$/u.test(value);
  return isKey ? value : refuse(path, "32 bytes in base64");
}
