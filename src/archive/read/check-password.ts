import { SafehouseError } from "#core/model/problem.ts";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";
import { encryptionOf } from "./encryption-of.ts";
import { openPlainStream } from "./inner-stream.ts";
import type { InnerArchive, OpenArchive } from "./open-archive.ts";

/**
 * Tries the password on every chosen inner archive that is encrypted; a fraction of a second in all.
 * Rejects with `password-needed` or `wrong-password`. Returns whether any of them is encrypted.
 */
export async function checkPassword(
  archive: OpenArchive,
  inner: readonly InnerArchive[],
  keys: PasswordKeys | undefined,
): Promise<boolean> {
  let encrypted = false;
  for (const one of inner) {
    if (one.size === 0 || (await encryptionOf(archive, one)).kind === "none") continue;
    encrypted = true;
    if (keys === undefined) {
      throw new SafehouseError("password-needed", `The backup is encrypted: ${one.member} cannot be read without its password`, {
        subject: one.name,
        advice: "Give the encryption key from the emergency kit, dashes included",
      });
    }
    const { bytes } = await openPlainStream(archive.source, one, keys);
    await bytes[Symbol.asyncIterator]().return?.();
  }
  return encrypted;
}
