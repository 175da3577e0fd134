import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { SafehouseError } from "#core/model/problem.ts";
import { sealedMark } from "#core/model/sealed-mark.ts";
import { readOrMakeSecretKey, readSecretKey } from "./secret-key-file.ts";

const algorithm = "aes-256-gcm";
const nonceLength = 12;
const tagLength = 16;

/**
 * Seals small secrets for files of a data directory, and opens them again, with AES-256-GCM under the key in
 * `secret.key`. Whoever reads such a file without that key learns how long a secret is and no more.
 */
export class SecretBox {
  readonly #dataDirectory: string;

  /** Nothing is read before it is needed. */
  constructor(dataDirectory: string) {
    this.#dataDirectory = dataDirectory;
  }

  /**
   * Text of one line, in characters that need no escape in JSON.
   * @param purpose what the secret is for; it opens for this purpose and no other
   * @throws SafehouseError `not-found` and `damaged`, about the key file
   */
  seal(secret: string, purpose: string): string {
    const nonce = randomBytes(nonceLength);
    const key = readOrMakeSecretKey(this.#dataDirectory);
    const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagLength });
    cipher.setAAD(Buffer.from(purpose));
    const bytes = [nonce, cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()];
    return sealedMark + Buffer.concat(bytes).toString("base64url");
  }

  /**
   * The secret that was sealed for this purpose.
   * @throws SafehouseError `damaged` if text, purpose or key is another; `not-found` without the key file
   */
  open(sealed: string, purpose: string): string {
    const key = readSecretKey(this.#dataDirectory);
    const bytes = parseSealed(sealed, purpose);
    const tag = bytes.length - tagLength;
    const nonce = bytes.subarray(0, nonceLength);
    const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagLength });
    decipher.setAAD(Buffer.from(purpose));
    decipher.setAuthTag(bytes.subarray(tag));
    const start = decipher.update(bytes.subarray(nonceLength, tag));
    try {
      return Buffer.concat([start, decipher.final()]).toString("utf8");
    } catch (cause) {
      throw doesNotOpen(purpose, cause);
    }
  }
}

/** One text has one spelling: bits that base64 leaves over must not be free to change. */
function parseSealed(sealed: string, purpose: string): Buffer {
  const text = sealed.startsWith(sealedMark) ? sealed.slice(sealedMark.length) : "";
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length >= nonceLength + tagLength && bytes.toString("base64url") === text) return bytes;
  throw doesNotOpen(purpose);
}

function doesNotOpen(purpose: string, cause?: unknown): SafehouseError {
  const message = `The sealed secret for "${purpose}" is damaged, or secret.key is another one than it was sealed with`;
  return new SafehouseError("damaged", message, {
    advice: "Put both files back from the same copy of the data directory",
    cause,
  });
}
