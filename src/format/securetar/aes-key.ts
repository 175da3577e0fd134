import { hash } from "node:crypto";

/**
 * The key stretching of v1 and v2: SHA-256, 100 times over (docs/format.md, section 8.2). It gives the
 * AES key from the password and the initialisation vector from key and salt, 16 bytes each.
 */
export function stretchWithSha256(secret: Uint8Array): Uint8Array {
  let digest = secret;
  for (let round = 0; round < 100; round += 1) digest = hash("sha256", digest, "buffer");
  return Uint8Array.from(digest.subarray(0, 16));
}

/** Initialisation vector of one v1 or v2 archive, from the AES key and the archive's 16-byte salt. */
export function initialisationVector(key: Uint8Array, salt: Uint8Array): Uint8Array {
  return stretchWithSha256(Buffer.concat([key, salt]));
}
