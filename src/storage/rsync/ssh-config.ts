import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostKey } from "./known-host.ts";
import type { SshWay } from "./settings.ts";

/** What the configuration calls the place; neither host nor user nor any path then shows among the arguments. */
export const sshAlias = "safehouse-place";

export interface SshFiles {
  readonly host: string;
  readonly way: SshWay;
  readonly hostKey: HostKey;
  /** Where the socket of a connection that is shared lies. */
  readonly socket: string;
}

/**
 * Writes what `ssh` needs into a folder: a configuration in which nothing of the user's counts, the host's key, the private
 * key, and a script that answers when it asks.
 * @param folder for files that only we can read; they have to stay as long as they are used
 */
export async function writeSshFiles(
  folder: string,
  { host, way, hostKey, socket }: SshFiles,
): Promise<void> {
  const file = (name: string): string => join(folder, name);
  const lines = [
    `Host ${sshAlias}`,
    `HostName ${host}`,
    `Port ${way.port}`,
    `User "${way.user}"`,
    ...hostLines(file("known_hosts")),
    ...signInLines(way, file("key")),
    `ControlPath ${quoted(socket)}`,
    "ControlMaster no",
    "ConnectTimeout 30",
    "ServerAliveInterval 15",
    "ServerAliveCountMax 4",
    "Compression no",
    "ForwardAgent no",
    "LogLevel ERROR",
    "",
  ];
  const secret = { mode: 0o600 };
  await writeFile(file("config"), lines.join("\n"), secret);
  await writeFile(file("known_hosts"), `${sshAlias} ${hostKey.text}\n`, secret);
  if (way.privateKey !== undefined) await writeFile(file("key"), way.privateKey, secret);
  await writeFile(file("askpass"), askpass, { mode: 0o700 });
}

function hostLines(knownHosts: string): readonly string[] {
  return [
    `HostKeyAlias ${sshAlias}`,
    `UserKnownHostsFile ${quoted(knownHosts)}`,
    "GlobalKnownHostsFile none",
    "StrictHostKeyChecking yes",
    "UpdateHostKeys no",
  ];
}

function signInLines(
  { password, privateKey, agentSocket }: SshWay,
  key: string,
): readonly string[] {
  const methods = [
    ...(privateKey === undefined && agentSocket === undefined ? [] : ["publickey"]),
    ...(password === undefined ? [] : ["password", "keyboard-interactive"]),
  ];
  return [
    `PreferredAuthentications ${methods.join(",")}`,
    "NumberOfPasswordPrompts 1",
    `IdentityFile ${privateKey === undefined ? "none" : quoted(key)}`,
    // Else every key of an agent that happens to run would be offered.
    `IdentitiesOnly ${agentSocket === undefined ? "yes" : "no"}`,
    `IdentityAgent ${agentSocket === undefined ? "none" : quoted(agentSocket)}`,
  ];
}

/** In these settings % stands for something else. */
function quoted(path: string): string {
  return `"${path.replaceAll("%", "%%")}"`;
}

/** What `ssh` needs to hear its answers from the script: seen by this user and root alone. */
export function answersOf(folder: string, way: SshWay): Readonly<Record<string, string>> {
  return {
    SSH_ASKPASS: join(folder, "askpass"),
    SSH_ASKPASS_REQUIRE: "force",
    // Needed by ssh before 8.4, which asks for help only where there is a screen.
    DISPLAY: ":0",
    SAFEHOUSE_PASSWORD: way.password ?? "",
    SAFEHOUSE_PASSPHRASE: way.passphrase ?? "",
  };
}

const askpass = `#!/bin/sh
case "$1" in
  *passphrase*) printf '%s\\n' "$SAFEHOUSE_PASSPHRASE" ;;
  *) printf '%s\\n' "$SAFEHOUSE_PASSWORD" ;;
esac
`;
