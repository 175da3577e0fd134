import { createHash } from "node:crypto";
import { StorageError } from "../errors.ts";
import { hostKeyKinds, type HostKeyKind } from "./algorithms.ts";

/** The key that a host has shown. */
export interface ShownKey {
  /** `SHA256:…`, as `ssh-keygen -l` writes it. */
  readonly fingerprint: string;
  /** Undefined for a kind that we know nothing of. */
  readonly kind: HostKeyKind | undefined;
}

/** @param key as it goes over the line (RFC 4253, 6.6): the name of its algorithm, then the rest */
export function shownKey(key: Buffer): ShownKey {
  const digest = createHash("sha256").update(key).digest("base64").replace(/=+$/, "");
  const name = key.subarray(4, 4 + key.readUInt32BE(0)).toString("latin1");
  const kind = hostKeyKinds.find((known) => name.includes(known));
  return { fingerprint: `SHA256:${digest}`, kind };
}

/** The refusal of a host whose key nobody has vouched for yet; fact `hostKey`: what to pin. */
export function notPinned(host: string, { fingerprint }: ShownKey): StorageError {
  const message =
    `${host} shows the host key ${fingerprint}, which is not known yet. ${compareAdvice}, ` +
    `then set hostKey to ${fingerprint}`;
  return new StorageError("denied", message, { facts: { hostKey: fingerprint } });
}

/** The refusal of a host that is not the one that it was. */
export function changedKey(host: string, shown: ShownKey, pinned: string): StorageError {
  const message =
    `${host} shows the host key ${shown.fingerprint} instead of ${pinned}. Either the machine was set up anew, or ` +
    `somebody stands between and reads along, so nothing was sent`;
  return new StorageError("denied", message, {
    facts: { hostKey: shown.fingerprint, pinnedHostKey: pinned },
  });
}

/** How a person finds out whether a fingerprint is right. */
export const compareAdvice =
  "Compare it with what the machine itself tells (ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub)";
