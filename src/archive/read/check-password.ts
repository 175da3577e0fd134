import { SafehouseError } from "#core/model/problem.ts";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";
import { encryptionOf } from "./encryption-of.ts";
import { openPlainStream } from "./inner-stream.ts";
import type { InnerArchive, OpenArchive } from "./open-archive.ts";

/**
 * Tries the password on every chosen inner archive that is encrypted; a fraction of a second in all. One
 * that opens proves it: what does not open beside that is damaged, and whoever reads it will tell.
 * Rejects with `password-needed`, or with `wrong-password` if it opens none. Returns whether any of them is
 * encrypted.
 */
export async function checkPassword(
  archive: OpenArchive,
  inner: readonly InnerArchive[],
  keys: PasswordKeys | undefined,
): Promise<boolean> {
  const locked: InnerArchive[] = [];
  for (const one of inner) if (await isLocked(archive, one)) locked.push(one);
  const [first] = locked;
  if (first === undefined) return false;
  if (keys === undefined) throw passwordNeeded(first);
  let refusal: unknown;
  for (const one of locked) {
    refusal = await refusalOf(archive, one, keys);
    if (refusal === undefined) return true;
  }
  throw refusal;
}

/** What begins like nothing that is known is SecureTar v1 only where a backup says that it is protected. */
async function isLocked(archive: OpenArchive, inner: InnerArchive): Promise<boolean> {
  const kind = await knownEncryptionOf(archive, inner);
  return kind === "v2" || kind === "v3" || (kind === "v1" && archive.metadata.protected);
}

/** As `encryptionOf`; undefined where the first bytes do not tell. */
export async function knownEncryptionOf(
  archive: OpenArchive,
  inner: InnerArchive,
): Promise<"none" | "v1" | "v2" | "v3" | undefined> {
  try {
    return inner.size === 0 ? undefined : (await encryptionOf(archive, inner)).kind;
  } catch (error) {
    if (error instanceof SafehouseError) return undefined;
    throw error;
  }
}

function passwordNeeded({ member, name }: InnerArchive): SafehouseError {
  return new SafehouseError(
    "password-needed",
    `The backup is encrypted: ${member} cannot be read without its password`,
    {
      subject: name,
      advice: "Give the encryption key from the emergency kit, dashes included",
    },
  );
}

async function refusalOf(
  archive: OpenArchive,
  inner: InnerArchive,
  keys: PasswordKeys,
): Promise<unknown> {
  try {
    const { bytes } = await openPlainStream(archive.source, inner, keys);
    await bytes[Symbol.asyncIterator]().return?.();
    return undefined;
  } catch (error) {
    if (error instanceof SafehouseError) return error;
    throw error;
  }
}
