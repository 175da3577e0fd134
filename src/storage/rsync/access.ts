import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostKey } from "./known-host.ts";
import type { DaemonWay, RsyncSettings, SshWay } from "./settings.ts";

/** What rsync is told so that it gets to the place. */
export interface Access {
  /** In front of the path, which ends the argument. */
  readonly remote: string;
  readonly args: readonly string[];
  /** Seen by this user and root alone. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Access to a daemon. The user's name comes from the environment, where it may hold what would mean something else in front of
 * the host.
 */
export function daemonAccess({ host }: RsyncSettings, way: DaemonWay): Access {
  const place = host.includes(":") ? `[${host}]` : host;
  return {
    remote: `${place}::${way.module}/`,
    args: [`--port=${way.port}`, "--no-motd"],
    env: {
      ...(way.user === undefined ? {} : { USER: way.user }),
      // Without one rsync would ask whoever sits at the terminal.
      RSYNC_PASSWORD: way.password ?? "",
    },
  };
}

/**
 * Access through the system's `ssh`, with a configuration of our own: nothing of the user's counts, and neither host nor user nor
 * any path shows among the arguments.
 * @param folder for files that only we can read; they have to stay as long as the access is used
 */
export async function sshAccess(
  { host }: RsyncSettings,
  way: SshWay,
  { folder, hostKey }: { readonly folder: string; readonly hostKey: HostKey },
): Promise<Access> {
  const file = (name: string): string => join(folder, name);
  // In these settings % stands for something else.
  const path = (name: string): string => `"${name.replaceAll("%", "%%")}"`;
  const { password, privateKey, passphrase, agentSocket } = way;
  const methods = [
    ...(privateKey === undefined && agentSocket === undefined ? [] : ["publickey"]),
    ...(password === undefined ? [] : ["password", "keyboard-interactive"]),
  ];
  const config = [
    `Host ${alias}`,
    `HostName ${host}`,
    `Port ${way.port}`,
    `User "${way.user}"`,
    `HostKeyAlias ${alias}`,
    `UserKnownHostsFile ${path(file("known_hosts"))}`,
    "GlobalKnownHostsFile none",
    "StrictHostKeyChecking yes",
    "UpdateHostKeys no",
    `PreferredAuthentications ${methods.join(",")}`,
    "NumberOfPasswordPrompts 1",
    ...(privateKey === undefined ? ["IdentityFile none"] : [`IdentityFile ${path(file("key"))}`]),
    // Else every key of an agent that happens to run would be offered.
    `IdentitiesOnly ${agentSocket === undefined ? "yes" : "no"}`,
    `IdentityAgent ${agentSocket === undefined ? "none" : path(agentSocket)}`,
    "ConnectTimeout 30",
    "ServerAliveInterval 15",
    "ServerAliveCountMax 4",
    "Compression no",
    "ForwardAgent no",
    "LogLevel ERROR",
    "",
  ];
  const secret = { mode: 0o600 };
  await writeFile(file("config"), config.join("\n"), secret);
  await writeFile(file("known_hosts"), `${alias} ${hostKey.text}\n`, secret);
  if (privateKey !== undefined) await writeFile(file("key"), privateKey, secret);
  await writeFile(file("askpass"), askpass, { mode: 0o700 });
  return {
    remote: `${alias}:`,
    args: [`--rsh=ssh -F ${quoted(file("config"))}`],
    env: {
      SSH_ASKPASS: file("askpass"),
      SSH_ASKPASS_REQUIRE: "force",
      // Needed by ssh before 8.4, which asks for help only where there is a screen.
      DISPLAY: ":0",
      SAFEHOUSE_PASSWORD: password ?? "",
      SAFEHOUSE_PASSPHRASE: passphrase ?? "",
    },
  };
}

const alias = "safehouse-place";

/** Answers what `ssh` asks for; the answers come in the environment, which only this user and root can see. */
const askpass = `#!/bin/sh
case "$1" in
  *passphrase*) printf '%s\\n' "$SAFEHOUSE_PASSPHRASE" ;;
  *) printf '%s\\n' "$SAFEHOUSE_PASSWORD" ;;
esac
`;

/** For rsync, which splits this one argument at blanks and knows doubled quotes inside of quotes. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", "''")}'`;
}
