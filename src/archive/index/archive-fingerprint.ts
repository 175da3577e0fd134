import { createHash } from "node:crypto";

/** Bytes of each inner archive that take part in the fingerprint: all of its SecureTar header. */
export const fingerprintHeadLength = 136;

/** What the fingerprint of an archive is made of, member by member in archive order. */
export interface FingerprintMember {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** First bytes of the content, `fingerprintHeadLength` or all there are. */
  readonly head: Uint8Array;
}

/**
 * Tells whether an index belongs to an archive without reading the archive: SHA-256 over the name,
 * place, size and first bytes of every inner archive, and over all of the metadata document. The salts
 * in those bytes make it unique for a protected archive. It does not prove the content; `verify` does.
 */
export function archiveFingerprint(
  members: readonly FingerprintMember[],
  document: Uint8Array,
): string {
  const hash = createHash("sha256").update(`${document.length}\n`).update(document);
  for (const { name, offset, size, head } of members) {
    hash.update(`${JSON.stringify([name, offset, size, head.length])}\n`).update(head);
  }
  return hash.digest("base64");
}
