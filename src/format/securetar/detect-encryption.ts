import { SafehouseError } from "#core/model/problem.ts";

/** An inner archive that needs a password, by the version of its SecureTar format. */
export type Encrypted = { readonly kind: "v1" } | { readonly kind: "v2" } | { readonly kind: "v3" };

/** What an inner archive's first bytes say about it. */
export type DetectedEncryption =
  | { readonly kind: "none"; readonly compression: "gzip" | "none" }
  | Encrypted;

/** Bytes that `detectEncryption` wants to see: one tar block. */
export const detectionLength = 512;

const magic = new TextEncoder().encode("SecureTar");
const ustar = new TextEncoder().encode("ustar");
const fileIdLength = 16;

/**
 * Tells how an inner archive is encrypted (docs/format.md, section 8.1).
 *
 * SecureTar v1 has no mark of its own, so whatever is nothing else is called v1: random bytes and files
 * of another kind too. Only the password check of `openDecryptor` can tell them apart.
 *
 * @param head the first 512 bytes of the inner archive, or all of it if it is shorter
 * @throws SafehouseError `unknown-version` for a SecureTar format that this program does not know,
 *   `truncated` if there are too few bytes to tell
 */
export function detectEncryption(head: Uint8Array): DetectedEncryption {
  const compression = detectCompression(head);
  if (compression !== undefined) return { kind: "none", compression };
  if (head.length < fileIdLength) {
    throw new SafehouseError("truncated", `The inner archive ends after ${head.length} bytes`);
  }
  if (!startsWith(head, magic)) return { kind: "v1" };
  const version = head[magic.length];
  const reserved = head.subarray(magic.length + 1, fileIdLength);
  if (reserved.some((byte) => byte !== 0))
    throw unknownVersion(`${version} with reserved bytes in use`);
  if (version === 2) return { kind: "v2" };
  if (version === 3) return { kind: "v3" };
  throw unknownVersion(`${version}`);
}

/**
 * Recognises an unencrypted inner archive by its start; undefined if it is none. A tar without entries,
 * which is nothing but zero bytes, counts as an archive.
 */
export function detectCompression(head: Uint8Array): "gzip" | "none" | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b && head[2] === 8) return "gzip";
  if (startsWith(head.subarray(257), ustar)) return "none";
  return head.length >= detectionLength / 2 && head.every((byte) => byte === 0)
    ? "none"
    : undefined;
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}

function unknownVersion(version: string): SafehouseError {
  return new SafehouseError(
    "unknown-version",
    `The archive uses SecureTar format v${version}, which is not known here`,
    {
      advice: "Update Safehouse and try again",
    },
  );
}
