import { createCipheriv, randomBytes } from "node:crypto";
import { AesEncryptor } from "./aes-encryptor.ts";
import { initialisationVector } from "./aes-key.ts";
import type { Encryptor, EncryptorOptions } from "./encryptor.ts";
import { writeHeader } from "./header.ts";
import { PasswordKeys } from "./password-keys.ts";
import { SecretStream } from "./secret-stream.ts";
import { SecretStreamEncryptor } from "./secret-stream-encryptor.ts";
import { subkey } from "./subkey.ts";

/** What the inner archives of one backup have in common when they are encrypted. */
export interface EncryptionContext {
  readonly version: 2 | 3;
  /** For `PasswordKeys.deriveKey`; 16 bytes. Undefined for v2, which has none. */
  readonly rootSalt: Uint8Array | undefined;
  /** Starts one more inner archive, with random values of its own. */
  encryptor(options?: EncryptorOptions): Encryptor;
}

/** Gives so many unpredictable bytes. Anything but a secure source is for reproducible tests only. */
export type RandomSource = (length: number) => Uint8Array;

/**
 * Prepares the encryption of one backup (docs/format.md, section 8). In v3 root salt, validation salt and
 * validation key are the same in all of its inner archives; a context is never used for a second backup.
 */
export async function createEncryptionContext(
  version: 2 | 3,
  password: string | PasswordKeys,
  random: RandomSource = randomBytes,
): Promise<EncryptionContext> {
  const keys = typeof password === "string" ? new PasswordKeys(password) : password;
  return version === 2 ? aesContext(keys, random) : secretStreamContext(keys, random);
}

function aesContext(keys: PasswordKeys, random: RandomSource): EncryptionContext {
  const key = keys.aesKey();
  return {
    version: 2,
    rootSalt: undefined,
    encryptor({ plainSize } = {}) {
      const salt = random(16);
      const cipher = createCipheriv("aes-128-cbc", key, initialisationVector(key, salt));
      return new AesEncryptor(writeHeader(2, plainSize ?? 0, [salt]), cipher, plainSize);
    },
  };
}

async function secretStreamContext(
  keys: PasswordKeys,
  random: RandomSource,
): Promise<EncryptionContext> {
  const rootSalt = random(16);
  const validationSalt = random(16);
  const rootKey = await keys.rootKey(rootSalt);
  const shared = [rootSalt, validationSalt, subkey(rootKey, validationSalt)];
  return {
    version: 3,
    rootSalt,
    encryptor({ plainSize } = {}) {
      const streamSalt = random(16);
      const streamStart = random(24);
      const header = writeHeader(3, plainSize ?? 0, [...shared, streamSalt, streamStart]);
      const stream = new SecretStream(subkey(rootKey, streamSalt), streamStart);
      return new SecretStreamEncryptor(header, stream, plainSize);
    },
  };
}
