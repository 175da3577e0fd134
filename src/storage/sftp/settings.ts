import { SafehouseError } from "#core/model/problem.ts";

export interface SftpSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  /** Text of a private key: OpenSSH, PEM or PuTTY. */
  readonly privateKey: string | undefined;
  readonly passphrase: string | undefined;
  /** Socket of an SSH agent that is asked for keys. */
  readonly agentSocket: string | undefined;
  /** The folder, without `/` at its end; one that does not begin with `/` lies in the folder of the sign-in. */
  readonly path: string;
  /** Fingerprint that the host's key must have, `SHA256:…` as OpenSSH writes it. */
  readonly hostKey: string | undefined;
  /** Also takes algorithms that are no longer safe but all that some old devices know. */
  readonly oldAlgorithms: boolean;
}

/** Checks settings as they were stored. Throws `usage`. */
export function parseSftpSettings(stored: unknown): SftpSettings {
  const given = new Map(
    Object.entries(typeof stored === "object" && stored !== null ? stored : {}),
  );
  const settings: SftpSettings = {
    host: needed(given, "host"),
    port: portOf(given.get("port") ?? 22),
    user: needed(given, "user"),
    password: text(given, "password"),
    privateKey: keyText(text(given, "privateKey")),
    passphrase: text(given, "passphrase"),
    agentSocket: agentSocketOf(given),
    path: folderPath(needed(given, "path")),
    hostKey: fingerprintOf(text(given, "hostKey")),
    oldAlgorithms: flag(given, "oldAlgorithms"),
  };
  const { password, privateKey, agentSocket } = settings;
  if (password === undefined && privateKey === undefined && agentSocket === undefined) {
    throw wrong("A location over SFTP needs a password, a private key or an agent");
  }
  return settings;
}

type Given = ReadonlyMap<string, unknown>;

function text(given: Given, name: string): string | undefined {
  const value = given.get(name);
  // A form that was left empty.
  if (value === undefined || value === "") return undefined;
  if (typeof value !== "string") throw wrong(`${name} has to be text`);
  if (value.includes("\0")) throw wrong(`${name} must not hold a NUL character`);
  return value;
}

function needed(given: Given, name: string): string {
  const value = text(given, name);
  if (value === undefined) throw wrong(`A location over SFTP needs the setting ${name}`);
  return value;
}

function flag(given: Given, name: string): boolean {
  const value = given.get(name) ?? false;
  if (typeof value !== "boolean") throw wrong(`${name} has to be yes or no`);
  return value;
}

function portOf(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value > 0 && value < 65_536)
    return value;
  throw wrong("The port has to be a number from 1 to 65535");
}

function agentSocketOf(given: Given): string | undefined {
  const socket = text(given, "agentSocket");
  if (socket !== undefined || !flag(given, "agent")) return socket;
  const usual = process.env["SSH_AUTH_SOCK"];
  if (usual !== undefined && usual !== "") return usual;
  throw wrong("No SSH agent runs here: SSH_AUTH_SOCK is not set, so agentSocket has to be given");
}

function folderPath(path: string): string {
  if (/^~(\/|$)/.test(path)) {
    throw wrong(
      "SFTP knows no ~: a path without / in front is taken from the folder of the sign-in",
    );
  }
  return path === "/" ? path : path.replace(/\/+$/, "");
}

function keyText(key: string | undefined): string | undefined {
  if (key === undefined) return undefined;
  // What comes out of forms and files of Windows.
  const lines = `${key.replaceAll("\r\n", "\n").trim()}\n`;
  if (/^(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|PuTTY-User-Key-File-)/.test(lines)) return lines;
  if (/^(ssh|ecdsa)-\S+ /.test(lines)) throw wrong("privateKey holds the public half of a key");
  throw wrong("privateKey is not the text of a private key: it begins with -----BEGIN");
}

function fingerprintOf(pinned: string | undefined): string | undefined {
  if (pinned === undefined) return undefined;
  const match = /^SHA256:([A-Za-z0-9+/]{43})=?$/.exec(pinned.trim());
  if (match !== null) return `SHA256:${match[1]}`;
  throw wrong("hostKey has to be a fingerprint as ssh-keygen -l shows it: SHA256:…");
}

function wrong(message: string): SafehouseError {
  return new SafehouseError("usage", message);
}
