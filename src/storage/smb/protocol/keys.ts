import { createHmac } from "node:crypto";
import { ciphers, dialects, type Agreement } from "./dialect.ts";

export interface SessionKeys {
  readonly signing: Buffer;
  /** For what we send, and for what the server sends. */
  readonly sealing: Buffer;
  readonly opening: Buffer;
}

/**
 * The keys of a session, [MS-SMB2] 3.2.5.3.1.
 * @param preauthHash hash of all messages so far, which 3.1.1 binds the keys to
 */
export function sessionKeys(
  sessionKey: Buffer,
  agreement: Agreement,
  preauthHash: Buffer,
): SessionKeys {
  const { dialect, cipher } = agreement;
  if (dialect < dialects["3.0"])
    return { signing: sessionKey, sealing: sessionKey, opening: sessionKey };
  const sealBytes = cipher === undefined ? 16 : ciphers[cipher].keyBytes;
  const derive = (label: string, context: Uint8Array | string, bytes: number): Buffer =>
    derivedKey(sessionKey, { label: `${label}\0`, context: Buffer.from(context), bytes });
  if (dialect === dialects["3.1.1"])
    return {
      signing: derive("SMBSigningKey", preauthHash, 16),
      sealing: derive("SMBC2SCipherKey", preauthHash, sealBytes),
      opening: derive("SMBS2CCipherKey", preauthHash, sealBytes),
    };
  return {
    signing: derive("SMB2AESCMAC", "SmbSign\0", 16),
    sealing: derive("SMB2AESCCM", "ServerIn \0", 16),
    opening: derive("SMB2AESCCM", "ServerOut\0", 16),
  };
}

interface Derivation {
  readonly label: string;
  readonly context: Buffer;
  readonly bytes: number;
}

/** The counter mode of NIST SP 800-108 with HMAC-SHA256; one block is always enough. */
function derivedKey(key: Buffer, { label, context, bytes }: Derivation): Buffer {
  const counter = Buffer.from([0, 0, 0, 1]);
  const bits = Buffer.alloc(4);
  bits.writeUInt32BE(bytes * 8);
  const input = [counter, Buffer.from(label, "latin1"), Buffer.alloc(1), context, bits];
  return createHmac("sha256", key).update(Buffer.concat(input)).digest().subarray(0, bytes);
}
