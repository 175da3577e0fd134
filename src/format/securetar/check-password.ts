import { createDecipheriv, timingSafeEqual } from "node:crypto";
import { SafehouseError } from "#core/model/problem.ts";
import { initialisationVector } from "./aes-key.ts";
import { detectCompression, detectionLength } from "./detect-encryption.ts";
import { headerLengths } from "./header.ts";
import type { AesHeader, SecretStreamHeader } from "./header.ts";
import type { PasswordKeys } from "./password-keys.ts";
import { missingBytes } from "./size-check.ts";
import { subkey } from "./subkey.ts";

const blockSize = 16;

/**
 * Root key of a v3 archive, if the password is the right one.
 * @throws SafehouseError `wrong-password`
 */
export async function openRootKey(
  header: SecretStreamHeader,
  keys: PasswordKeys,
): Promise<Uint8Array> {
  const rootKey = await keys.rootKey(header.rootSalt);
  if (timingSafeEqual(subkey(rootKey, header.validationSalt), header.validationKey)) return rootKey;
  throw new SafehouseError("wrong-password", "The password does not open this archive");
}

/**
 * Looks whether the beginning of a v1 or v2 archive decrypts to a gzip or tar file.
 * @param head its first 512 bytes, or all of it
 * @throws SafehouseError `wrong-password`; `truncated` if there is too little of it to tell
 */
export function checkAesPassword(header: AesHeader, head: Uint8Array, key: Uint8Array): void {
  const whole = head.length < detectionLength;
  const body = head.subarray(headerLengths[header.kind]);
  const blocks = body.subarray(0, body.length - (body.length % blockSize));
  if (blocks.length === 0) throw missingBytes(blockSize - body.length);
  const decipher = createDecipheriv("aes-128-cbc", key, initialisationVector(key, header.salt));
  const plain = decipher.setAutoPadding(false).update(blocks);
  if (detectCompression(plain) !== undefined) return;
  if (whole && isEmpty(header, plain)) return;
  throw new SafehouseError("wrong-password", wrongOrDamaged[header.kind]);
}

const wrongOrDamaged = {
  v1: "The password does not open this archive, or its first bytes are damaged, or it is no backup at all: SecureTar v1 cannot tell these apart",
  v2: "The password does not open this archive, or its first bytes are damaged: SecureTar v2 cannot tell the two apart",
};

/** An archive of no bytes has nothing to be recognised by but its padding. */
function isEmpty(header: AesHeader, plain: Uint8Array): boolean {
  return (
    header.plainSize === 0 &&
    plain.length === blockSize &&
    plain.every((byte) => byte === blockSize)
  );
}
