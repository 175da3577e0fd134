import { keyedBlake2b } from "./mac.ts";

const personalisation = new TextEncoder().encode("SecureTarv3");

/**
 * A 32-byte key below the v3 root key: the validation key or an inner archive's stream key, by its salt
 * of 16 bytes (docs/format.md, section 8.3).
 */
export function subkey(rootKey: Uint8Array, salt: Uint8Array): Uint8Array {
  return keyedBlake2b(rootKey, { salt, personalisation });
}
