import { createHash } from "node:crypto";
import { StorageError } from "../errors.ts";
import { runProgram } from "../start-program.ts";

/** A key of a host, as `known_hosts` has it. */
export interface HostKey {
  /** `SHA256:…`, as `ssh-keygen -l` writes it. */
  readonly fingerprint: string;
  /** Kind and key: `ssh-ed25519 AAAA…`. */
  readonly text: string;
}

/** How a person finds out whether a fingerprint is right. */
export const compareAdvice =
  "Compare it with what the machine itself tells (ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub)";

/**
 * The pinned key of a host in full, which `ssh` then insists on; it knows no fingerprints. Rejects with `denied` and the
 * fact `hostKey` if the host shows others or none is pinned, and with `unreachable` if it shows none.
 */
export async function pinnedHostKey(
  {
    host,
    port,
    hostKey,
  }: { readonly host: string; readonly port: number; readonly hostKey?: string | undefined },
  signal: AbortSignal,
): Promise<HostKey> {
  const keys = await shownKeys(host, port, signal);
  const found = keys.find(({ fingerprint }) => fingerprint === hostKey);
  if (found !== undefined) return found;
  const best = keys.find(({ text }) => text.startsWith("ssh-ed25519 ")) ?? keys[0];
  if (best === undefined)
    throw new StorageError("unreachable", `${host} port ${port} does not answer as an SSH server`);
  const shown = best.fingerprint;
  if (hostKey === undefined) {
    const message =
      `${host} shows the host key ${shown}, which is not known yet. ${compareAdvice}, ` +
      `then set hostKey to ${shown}`;
    throw new StorageError("denied", message, { facts: { hostKey: shown } });
  }
  throw changedKey({ host, shown, pinned: hostKey });
}

/** The refusal of a host that is not the one that it was. */
function changedKey(change: { host: string; shown: string; pinned: string }): StorageError {
  const { host, shown, pinned } = change;
  const message =
    `${host} shows the host key ${shown} instead of ${pinned}. Either the machine was set up anew, or ` +
    `somebody stands between and reads along, so nothing was sent`;
  return new StorageError("denied", message, { facts: { hostKey: shown, pinnedHostKey: pinned } });
}

async function shownKeys(
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<readonly HostKey[]> {
  const { output } = await runProgram({
    program: "ssh-keyscan",
    args: ["-T", "20", "-p", String(port), "-t", "ed25519,ecdsa,rsa", host],
    signal,
  });
  const keys: HostKey[] = [];
  for (const line of output.split("\n")) {
    const [, kind, key] = /^[^#\s]\S* (\S+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
    if (kind === undefined || key === undefined) continue;
    const digest = createHash("sha256").update(Buffer.from(key, "base64")).digest("base64");
    keys.push({ fingerprint: `SHA256:${digest.replace(/=+$/, "")}`, text: `${kind} ${key}` });
  }
  return keys;
}
