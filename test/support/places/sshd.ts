import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import {
  appendFile,
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePort, untilAnswers } from "./free-port.ts";
import { noOwnMounts } from "./own-mounts.ts";
import { killTree } from "./process-tree.ts";

/** A running OpenSSH server, of this test alone. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** Who can sign in, with the private key, and with the password if there is one. */
  readonly user: string;
  readonly password: string | undefined;
  /** Text of a private key in OpenSSH's format. */
  readonly privateKey: string;
  /** Fingerprints of the host's keys. */
  readonly hostKeys: { readonly ed25519: string; readonly rsa: string };
  /** Lets one more key sign in: a line of `authorized_keys`. */
  allow(line: string): Promise<void>;
  /** A folder that belongs to that user, outside and inside of the server. */
  readonly folder: string;
  /** A folder on a disk of 8 MiB, which only the server sees; undefined where nothing can be mounted. */
  readonly smallDisk: string | undefined;
  /** What the server has said so far. */
  readonly log: () => string;
  readonly pid: number;
}

export interface SshdOptions {
  /** Lines of `sshd_config`. */
  readonly config?: readonly string[];
  /** The line `Subsystem sftp` without these words. */
  readonly sftp?: string;
}

const program = "/usr/sbin/sshd";

/** Why no such server can be started here, for `skip`; false if it can. */
export const noSshd = existsSync(program) ? false : "absent: sshd";
const password = `pass "word" 'ü' $HOME %s #1 \\ 🏠`;

/**
 * Starts one on a free port of 127.0.0.1. Where mounting is permitted it has a user of its own, who is not root, with a
 * password that is hard to quote; else whoever runs the tests signs in, by key alone.
 */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const home = await mkdtemp(join(tmpdir(), "safehouse-sshd-"));
  await chmod(home, 0o755);
  const folder = join(home, "data");
  await mkdir(folder);
  for (const kind of ["ed25519", "rsa"]) {
    execFileSync("ssh-keygen", [
      "-q",
      "-t",
      kind,
      ...(kind === "rsa" ? ["-b", "2048"] : []),
      "-N",
      "",
      "-f",
      join(home, kind),
    ]);
  }
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(home, "user")]);
  await writeFile(join(home, "authorized"), await readFile(join(home, "user.pub")));
  const port = await freePort();
  const isOwn = noOwnMounts === false;
  const user = isOwn ? "safehouse" : userInfo().username;
  await writeFile(join(home, "config"), configOf(home, port, options));
  if (isOwn) await chown(folder, ownId, ownId);
  const [command = program, ...args] = isOwn ? ownCommand(home) : [];
  const child = spawn(command, isOwn ? args : ["-D", "-e", "-f", join(home, "config")], {
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (said: string) => (log += said));
  const ended = once(child, "exit");
  await untilAnswers(port, () => (child.exitCode === null ? undefined : log));
  return {
    port,
    user,
    password: isOwn ? password : undefined,
    privateKey: await readFile(join(home, "user"), "utf8"),
    allow: (line) => appendFile(join(home, "authorized"), line),
    hostKeys: { ed25519: fingerprint(home, "ed25519"), rsa: fingerprint(home, "rsa") },
    folder,
    smallDisk: isOwn ? join(home, "small") : undefined,
    log: () => log,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      // Sessions are in process groups of their own.
      killTree(child.pid ?? 0);
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Of the user, inside. Not root, so that permissions count. */
const ownId = 65_534;

function configOf(home: string, port: number, { config = [], sftp }: SshdOptions): string {
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    ...["ed25519", "rsa"].map((kind) => `HostKey ${join(home, kind)}`),
    `AuthorizedKeysFile ${join(home, "authorized")}`,
    "PidFile none",
    "UsePAM no",
    "StrictModes no",
    "PrintMotd no",
    "MaxStartups 100",
    "LogLevel VERBOSE",
    `Subsystem sftp ${sftp ?? "internal-sftp"}`,
    ...config,
    "",
  ].join("\n");
}

/** Starts it where it sees users of ours, and a small disk. */
function ownCommand(home: string): readonly string[] {
  const hash = execFileSync("openssl", ["passwd", "-6", "-stdin"], { input: password }).toString();
  const script = `
    set -e
    mount --make-rprivate /
    cp /etc/passwd "$1/passwd"; cp /etc/shadow "$1/shadow"
    echo "safehouse:x:${ownId}:${ownId}::$1/data:/bin/sh" >> "$1/passwd"
    printf 'safehouse:%s:19000:0:99999:7:::\\n' "$2" >> "$1/shadow"
    mount --bind "$1/passwd" /etc/passwd
    mount --bind "$1/shadow" /etc/shadow
    mount -t tmpfs none /run; mkdir /run/sshd
    mkdir "$1/small"; mount -t tmpfs -o size=8m,uid=${ownId} none "$1/small"
    grep -q ^sshd: /etc/passwd || echo "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin" >> /etc/passwd
    exec ${program} -D -e -f "$1/config"`;
  return ["unshare", "--mount", "sh", "-c", script, "sh", home, hash.trim()];
}

function fingerprint(home: string, kind: string): string {
  const line = execFileSync("ssh-keygen", ["-l", "-f", join(home, `${kind}.pub`)]).toString();
  return line.split(" ")[1] ?? "";
}
