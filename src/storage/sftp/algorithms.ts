import type { Algorithms, ServerHostKeyAlgorithm } from "ssh2";

/** Kinds of host keys, the best first; within one kind there is one key. */
export type HostKeyKind = "ed25519" | "ecdsa" | "rsa";
export const hostKeyKinds: readonly HostKeyKind[] = ["ed25519", "ecdsa", "rsa"];

/**
 * What is offered to a server. AES-GCM comes first: Node's own code does all of it, while Poly1305 is done in
 * WebAssembly. SHA-1, CBC and short groups only for devices that know nothing better.
 */
export function algorithmsFor(kinds: readonly HostKeyKind[], alsoOld: boolean): Algorithms {
  return {
    kex: [
      "curve25519-sha256",
      "curve25519-sha256@libssh.org",
      "ecdh-sha2-nistp256",
      "ecdh-sha2-nistp384",
      "ecdh-sha2-nistp521",
      "diffie-hellman-group-exchange-sha256",
      "diffie-hellman-group16-sha512",
      "diffie-hellman-group18-sha512",
      "diffie-hellman-group14-sha256",
      ...(alsoOld
        ? ([
            "diffie-hellman-group-exchange-sha1",
            "diffie-hellman-group14-sha1",
            "diffie-hellman-group1-sha1",
          ] as const)
        : []),
    ],
    cipher: [
      "aes128-gcm@openssh.com",
      "aes256-gcm@openssh.com",
      "chacha20-poly1305@openssh.com",
      "aes128-ctr",
      "aes192-ctr",
      "aes256-ctr",
      ...(alsoOld ? (["aes128-cbc", "aes256-cbc", "3des-cbc"] as const) : []),
    ],
    hmac: [
      "hmac-sha2-256-etm@openssh.com",
      "hmac-sha2-512-etm@openssh.com",
      "hmac-sha2-256",
      "hmac-sha2-512",
      ...(alsoOld ? (["hmac-sha1-etm@openssh.com", "hmac-sha1"] as const) : []),
    ],
    serverHostKey: kinds.flatMap((kind) =>
      alsoOld ? [...names[kind], ...old[kind]] : names[kind],
    ),
    // Archives do not shrink any further.
    compress: ["none"],
  };
}

const names: Readonly<Record<HostKeyKind, readonly ServerHostKeyAlgorithm[]>> = {
  ed25519: ["ssh-ed25519"],
  ecdsa: ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"],
  rsa: ["rsa-sha2-512", "rsa-sha2-256"],
};

const old: Readonly<Record<HostKeyKind, readonly ServerHostKeyAlgorithm[]>> = {
  ed25519: [],
  ecdsa: [],
  rsa: ["ssh-rsa", "ssh-dss"],
};
