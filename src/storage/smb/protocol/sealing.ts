import { createCipheriv, createDecipheriv } from "node:crypto";
import { ciphers, type CipherId } from "./dialect.ts";
import { SmbConnectionError } from "./smb-error.ts";

const headBytes = 52;
const sealedId = 0xfd534d42;
const authenticatedAt = 20;
const tagBytes = 16;

/** Whether a message is one that was sealed, [MS-SMB2] 2.2.41. */
export function isSealed(message: Buffer): boolean {
  return message.length >= headBytes && message.readUInt32BE(0) === sealedId;
}

/** Seals messages of one session: encrypts them, and keeps anybody from changing them. No nonce comes twice. */
export class Sealer {
  readonly #cipher: CipherId;
  readonly #key: Buffer;
  readonly #sessionId: bigint;
  #count = 0n;

  constructor(cipher: CipherId, key: Buffer, sessionId: bigint) {
    this.#cipher = cipher;
    this.#key = key;
    this.#sessionId = sessionId;
  }

  /** [MS-SMB2] 3.1.4.3. */
  seal(parts: readonly Buffer[]): readonly Buffer[] {
    const { name, nonceBytes } = ciphers[this.#cipher];
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const head = Buffer.alloc(headBytes);
    head.writeUInt32BE(sealedId, 0);
    this.#count += 1n;
    head.writeBigUInt64LE(this.#count, authenticatedAt);
    head.writeUInt32LE(length, 36);
    head.writeUInt16LE(1, 42);
    head.writeBigUInt64LE(this.#sessionId, 44);
    const nonce = head.subarray(authenticatedAt, authenticatedAt + nonceBytes);
    // The types tell CCM and GCM apart by the literal; both take the same here.
    const cipher = createCipheriv(name as "aes-128-ccm", this.#key, nonce, {
      authTagLength: tagBytes,
    });
    cipher.setAAD(head.subarray(authenticatedAt), { plaintextLength: length });
    // CCM wants all of it at once.
    const whole = name.endsWith("ccm") ? [Buffer.concat(parts)] : parts;
    const sealed = whole.map((part) => cipher.update(part));
    cipher.final();
    cipher.getAuthTag().copy(head, 4);
    return [head, ...sealed];
  }
}

/** Opens what the server has sealed. Throws `not-genuine` for anything else. */
export function openSealed(message: Buffer, id: CipherId, key: Buffer): Buffer {
  const { name, nonceBytes } = ciphers[id];
  const nonce = message.subarray(authenticatedAt, authenticatedAt + nonceBytes);
  const cipher = createDecipheriv(name as "aes-128-ccm", key, nonce, { authTagLength: tagBytes });
  const body = message.subarray(headBytes);
  try {
    cipher.setAuthTag(message.subarray(4, 20));
    cipher.setAAD(message.subarray(authenticatedAt, headBytes), { plaintextLength: body.length });
    const opened = cipher.update(body);
    cipher.final();
    return opened;
  } catch (cause) {
    throw new SmbConnectionError("not-genuine", "an answer was changed on its way", { cause });
  }
}
