import {
  detectEncryption,
  detectionLength,
  type DetectedEncryption,
} from "#format/securetar/detect-encryption.ts";
import type { InnerArchive, OpenArchive } from "./open-archive.ts";

/** How an inner archive is encrypted, told by its bytes. Rejects with `unknown-version`. */
export async function encryptionOf(
  archive: OpenArchive,
  inner: InnerArchive,
): Promise<DetectedEncryption> {
  return detectEncryption(
    await archive.source.read(inner.offset, Math.min(detectionLength, inner.size)),
  );
}
