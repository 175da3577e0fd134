import { headerLengths } from "./header.ts";
import { messageOverhead, messageSize } from "./secret-stream.ts";

/**
 * Bytes of an encrypted inner archive, header included, for so many bytes of plaintext
 * (docs/format.md, sections 8.2 and 8.3).
 */
export function encryptedSize(version: 2 | 3, plainSize: number): number {
  if (version === 2) return headerLengths.v2 + plainSize + 16 - (plainSize % 16);
  return headerLengths.v3 + plainSize + messageOverhead * messageCount(plainSize);
}

/** Messages of a v3 stream: one for each MiB begun, and one for nothing at all. */
export function messageCount(plainSize: number): number {
  return Math.max(1, Math.ceil(plainSize / messageSize));
}
