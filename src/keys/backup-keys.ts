import {
  createEncryptionContext,
  type EncryptionContext,
} from "#format/securetar/encryption-context.ts";
import { PasswordKeys } from "#format/securetar/password-keys.ts";

/** What a backup's password opens. Never shows the password, however it is printed. */
export type BackupKeys = PasswordKeys;

/** Keys of a password; every character counts, dashes included. */
export function backupKeys(password: string): BackupKeys {
  return new PasswordKeys(password);
}

/** Prepares the encryption of one new archive with SecureTar 2 or 3. */
export function prepareEncryption(version: 2 | 3, keys: BackupKeys): Promise<EncryptionContext> {
  return createEncryptionContext(version, keys);
}
