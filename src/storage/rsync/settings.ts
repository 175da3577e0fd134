import { tmpdir } from "node:os";
import { isAbsolute } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";

export interface RsyncSettings {
  readonly host: string;
  /** The folder, without `/` at its end. Over SSH from `/` or from the folder of the sign-in, else below the module. */
  readonly path: string;
  readonly way: SshWay | DaemonWay;
  /** Folder of this machine for what is on its way. */
  readonly spool: string;
}

/** Over SSH, where the program rsync is started for us. */
export interface SshWay {
  readonly kind: "ssh";
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  /** Text of a private key in OpenSSH's format or PEM. */
  readonly privateKey: string | undefined;
  readonly passphrase: string | undefined;
  /** Socket of an SSH agent that is asked for keys. */
  readonly agentSocket: string | undefined;
  /** Fingerprint that the host's key must have, `SHA256:…` as OpenSSH writes it. */
  readonly hostKey: string | undefined;
}

/** To an rsync daemon, which has modules. Nothing is encrypted on the way. */
export interface DaemonWay {
  readonly kind: "daemon";
  readonly port: number;
  readonly module: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** Checks settings as they were stored: with a `module` those of a daemon, else those of SSH. Throws `usage`. */
export function parseRsyncSettings(stored: unknown): RsyncSettings {
  const given = new Map(
    Object.entries(typeof stored === "object" && stored !== null ? stored : {}),
  );
  const module = text(given, "module");
  const path = folderPath(text(given, "path") ?? (module === undefined ? undefined : "."));
  const spool = text(given, "spool") ?? tmpdir();
  if (!isAbsolute(spool)) throw wrong("spool has to be the absolute path of a folder");
  const way = module === undefined ? sshWay(given) : daemonWay(given, module);
  return { host: hostOf(text(given, "host")), path, way, spool };
}

type Given = ReadonlyMap<string, unknown>;

function sshWay(given: Given): SshWay {
  const user = text(given, "user");
  if (user === undefined) throw wrong("A location of rsync over SSH needs the setting user");
  // They would have to be quoted in a file whose rules differ from version to version.
  if (/["\\]/.test(user) || isControlled(user)) throw wrong(`"${user}" cannot be a user here`);
  const way: SshWay = {
    kind: "ssh",
    port: portOf(given.get("port") ?? 22),
    user,
    password: text(given, "password"),
    privateKey: keyText(text(given, "privateKey")),
    passphrase: text(given, "passphrase"),
    agentSocket: agentSocketOf(given),
    hostKey: fingerprintOf(text(given, "hostKey")),
  };
  const { password, privateKey, agentSocket } = way;
  if (password !== undefined || privateKey !== undefined || agentSocket !== undefined) return way;
  throw wrong("A location of rsync over SSH needs a password, a private key or an agent");
}

function daemonWay(given: Given, module: string): DaemonWay {
  if (/[/:*?[]/.test(module) || isControlled(module)) throw wrong(`"${module}" is no module`);
  const password = text(given, "password");
  if (password !== undefined && isControlled(password))
    throw wrong("The password of an rsync daemon is one line");
  const port = portOf(given.get("port") ?? 873);
  return { kind: "daemon", port, module, user: text(given, "user"), password };
}

function text(given: Given, name: string): string | undefined {
  const value = given.get(name);
  // A form that was left empty.
  if (value === undefined || value === "") return undefined;
  if (typeof value !== "string") throw wrong(`${name} has to be text`);
  if (value.includes("\0")) throw wrong(`${name} must not hold a NUL character`);
  return value;
}

function isControlled(value: string): boolean {
  return /\p{Cc}/u.test(value);
}

/** It becomes an argument of programs, and part of others: nothing that could mean anything else. */
function hostOf(host: string | undefined): string {
  if (host === undefined) throw wrong("A location of rsync needs the setting host");
  if (/^[^-\s/@"\\%[\]]+$/.test(host)) return host;
  throw wrong(`"${host}" cannot be the name of a host`);
}

function portOf(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value > 0 && value < 65_536)
    return value;
  throw wrong("The port has to be a number from 1 to 65535");
}

function folderPath(path: string | undefined): string {
  if (path === undefined) throw wrong("A location of rsync over SSH needs the setting path");
  if (/^~(\/|$)/.test(path))
    throw wrong("A path without / in front is taken from the folder of the sign-in, without ~");
  // rsync looks for names that match, and finds others.
  if (/[*?[]/.test(path)) throw wrong("The path must not hold *, ? or [");
  if (path.split("/").includes("..")) throw wrong("The path must not hold ..");
  return path === "/" ? path : path.replace(/\/+$/, "");
}

function agentSocketOf(given: Given): string | undefined {
  const socket = text(given, "agentSocket");
  const flag = given.get("agent") ?? false;
  if (typeof flag !== "boolean") throw wrong("agent has to be yes or no");
  if (socket !== undefined || !flag) return socket;
  const usual = process.env["SSH_AUTH_SOCK"];
  if (usual !== undefined && usual !== "") return usual;
  throw wrong("No SSH agent runs here: SSH_AUTH_SOCK is not set, so agentSocket has to be given");
}

function keyText(key: string | undefined): string | undefined {
  if (key === undefined) return undefined;
  // What comes out of forms and files of Windows.
  const lines = `${key.replaceAll("\r\n", "\n").trim()}\n`;
  if (/^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(lines)) return lines;
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
