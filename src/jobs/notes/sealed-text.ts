import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { BackupKeys } from "#keys/backup-keys.ts";

/** A text that only the key of its backup opens. Bytes are base64. */
export interface SealedText {
  /** 16 bytes. */
  readonly salt: string;
  /** 12 bytes. */
  readonly nonce: string;
  /** AES-256-GCM, the tag of 16 bytes at the end. */
  readonly data: string;
}

const algorithm = "aes-256-gcm";
const purpose = "safehouse note 1";
const tagLength = 16;

/** Seals a text for the backup of that slug; a tenth of a second. */
export async function sealText(text: string, slug: string, keys: BackupKeys): Promise<SealedText> {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv(algorithm, await keys.deriveKey(salt, purpose), nonce);
  cipher.setAAD(Buffer.from(slug));
  const data = [cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  return { salt: base64(salt), nonce: base64(nonce), data: base64(Buffer.concat(data)) };
}

/** The text; undefined if the keys are others, or it was sealed for another backup or changed. */
export async function openText(
  { salt, nonce, data }: SealedText,
  slug: string,
  keys: BackupKeys,
): Promise<string | undefined> {
  const [saltBytes, nonceBytes, bytes] = [salt, nonce, data].map((text) =>
    Buffer.from(text, "base64"),
  ) as [Buffer, Buffer, Buffer];
  if (saltBytes.length !== 16 || nonceBytes.length !== 12 || bytes.length < tagLength)
    return undefined;
  const key = await keys.deriveKey(saltBytes, purpose);
  const decipher = createDecipheriv(algorithm, key, nonceBytes, { authTagLength: tagLength });
  decipher.setAAD(Buffer.from(slug));
  decipher.setAuthTag(bytes.subarray(-tagLength));
  const start = decipher.update(bytes.subarray(0, -tagLength));
  try {
    return Buffer.concat([start, decipher.final()]).toString("utf8");
  } catch (error) {
    // That it does not open is all that Node tells.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** A sealed text from JSON; undefined for what is none. */
export function parseSealedText(value: unknown): SealedText | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { salt, nonce, data } = value as Partial<Record<keyof SealedText, unknown>>;
  const isSealed =
    typeof salt === "string" && typeof nonce === "string" && typeof data === "string";
  return isSealed ? { salt, nonce, data } : undefined;
}
