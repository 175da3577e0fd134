import { createHash, X509Certificate } from "node:crypto";
import { checkServerIdentity, getCACertificates, type PeerCertificate } from "node:tls";
import { SafehouseError } from "#core/model/problem.ts";

/** A server's certificate, or that of the authority behind it; either may be given. */
export interface Trust {
  /** In PEM: trusted besides what this machine trusts. */
  readonly certificates: readonly string[];
  /** SHA-256 of certificates that are taken under any name, in capital hex with colons. */
  readonly fingerprints: readonly string[];
}

/** Reads a certificate in PEM, or the SHA-256 fingerprint of one with or without colons. Throws `usage`. */
export function readTrust(given: string): Trust {
  const hex = given
    .trim()
    .replace(/^sha-?256[:= ]/i, "")
    .replaceAll(/[:\s]/g, "")
    .toUpperCase();
  if (/^[0-9A-F]{64}$/.test(hex)) return { certificates: [], fingerprints: [withColons(hex)] };
  const blocks = given.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw notUnderstood();
  const fingerprints = blocks.map((block) => {
    try {
      return new X509Certificate(block).fingerprint256;
    } catch (error) {
      if (error instanceof Error && "code" in error) throw notUnderstood();
      throw error;
    }
  });
  return { certificates: blocks, fingerprints };
}

/** Options of TLS by which these certificates are trusted too. */
export function trustOptions(trust: Trust) {
  return {
    ca: [...getCACertificates("default"), ...trust.certificates],
    // Who names the very certificate of the server means it, whatever name stands in it.
    checkServerIdentity: (host: string, peer: PeerCertificate): Error | undefined =>
      trust.fingerprints.includes(peer.fingerprint256)
        ? undefined
        : checkServerIdentity(host, peer),
  };
}

/** SHA-256 of a certificate in DER, as people compare it. */
export function fingerprintOf(der: Uint8Array): string {
  return withColons(createHash("sha256").update(der).digest("hex").toUpperCase());
}

function withColons(hex: string): string {
  return hex.match(/../g)?.join(":") ?? "";
}

function notUnderstood(): SafehouseError {
  return new SafehouseError(
    "usage",
    "The certificate has to be one in PEM (-----BEGIN CERTIFICATE-----), or its SHA-256 fingerprint",
    { subject: "certificate" },
  );
}
