import { SafehouseError } from "#core/model/problem.ts";
import { fileNameOf } from "./file-name.ts";
import { dialects, type DialectName } from "./protocol/dialect.ts";

export interface SmbSettings {
  /** Name or address of the server. */
  readonly host: string;
  readonly port: number;
  readonly share: string;
  /** Names of the folder below the share, as the server is told them; none for the share itself. */
  readonly folders: readonly string[];
  /** Empty for a guest. */
  readonly user: string;
  readonly password: string;
  /** Domain or workgroup of the user; empty for an account of the server itself. */
  readonly domain: string;
  /** The oldest version that is spoken; the newest that both know is taken. */
  readonly minimumProtocol: DialectName;
  /** Keeps others from changing what is sent. `desired`: where the server asks for it. */
  readonly signing: "desired" | "required";
  /** Keeps others from reading it as well. `off`: only where the server asks for it. `desired`: where the server can. */
  readonly encryption: "off" | "desired" | "required";
}

const known: ReadonlySet<string> = new Set([
  "host",
  "port",
  "share",
  "path",
  "user",
  "password",
  "domain",
  "minimumProtocol",
  "signing",
  "encryption",
]);

/** Checks settings as they were stored. `host` and `share` are needed. Throws `usage`. */
export function parseSmbSettings(stored: unknown): SmbSettings {
  const given: Record<string, unknown> =
    typeof stored === "object" && stored !== null ? { ...stored } : {};
  const unknown = Object.keys(given).find((name) => !known.has(name));
  if (unknown !== undefined) throw wrong(`A network share has no setting ${unknown}`);
  const settings: SmbSettings = {
    host: readHost(given["host"]),
    port: readPort(given["port"] ?? 445),
    share: readShare(given["share"]),
    folders: readFolders(text(given, "path")),
    user: text(given, "user"),
    password: text(given, "password"),
    domain: text(given, "domain"),
    minimumProtocol: readProtocol(given["minimumProtocol"] ?? "2.0"),
    signing: oneOf("signing", given["signing"] ?? "desired", ["desired", "required"]),
    encryption: oneOf("encryption", given["encryption"] ?? "off", ["off", "desired", "required"]),
  };
  if (settings.user === "" && settings.password !== "")
    throw wrong("A password needs the user that it belongs to");
  return settings;
}

function readHost(host: unknown): string {
  if (typeof host !== "string" || host.trim() === "") throw wrong("A network share needs a host");
  if (/[\s/\\\0]/u.test(host))
    throw wrong(`"${host}" is no name of a host: share and path have settings of their own`);
  return host;
}

function readPort(port: unknown): number {
  if (typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw wrong("The port must be a whole number from 1 to 65535");
}

function readShare(share: unknown): string {
  const name = typeof share === "string" ? share : "";
  if (name !== "" && name.isWellFormed() && !/[/\\\0]/u.test(name)) return name;
  throw wrong("A network share needs the name of the share, without / and \\");
}

/** Written with `/` or `\`, as people are used to. */
function readFolders(path: string): readonly string[] {
  const names = path.split(/[/\\]/u).filter((name) => name !== "");
  if (names.some((name) => name === "." || name === ".."))
    throw wrong("The path must not hold . and ..");
  return names.map((name) => fileNameOf(name));
}

function readProtocol(name: unknown): DialectName {
  // Settings from elsewhere hold a number now and then.
  const wanted = typeof name === "number" ? name.toFixed(1) : name;
  if (typeof wanted === "string" && /^(1(\.0)?|smb1|nt1)$/iu.test(wanted))
    throw wrong(
      "SMB1 is not spoken, since nothing in it keeps others from reading and changing what is sent",
      "Mount the share on this machine with vers=1.0, and use a location of kind local there",
    );
  return oneOf("minimumProtocol", wanted, Object.keys(dialects) as DialectName[]);
}

function oneOf<Choice extends string>(
  name: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw wrong(`${name} has to be one of ${choices.join(", ")}`);
}

function text(given: Readonly<Record<string, unknown>>, name: string): string {
  const value = given[name] ?? "";
  if (typeof value === "string" && value.isWellFormed() && !value.includes("\0")) return value;
  throw wrong(`${name} has to be a text`);
}

function wrong(message: string, advice?: string): SafehouseError {
  return new SafehouseError("usage", message, advice === undefined ? {} : { advice });
}
