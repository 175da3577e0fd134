import { randomBytes } from "node:crypto";
import type { RandomSource } from "#format/securetar/encryption-context.ts";
import { groupCount, groupLength, joinGroups } from "./key-groups.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/** Bytes from here on would make the first characters of the alphabet likelier than the others. */
const firstRejected = 256 - (256 % alphabet.length);

/**
 * A new encryption key as Home Assistant makes them: seven groups of four characters `A–Z0–9` joined by
 * dashes, `UFD2-BDZK-…`, 144 bits in all. The dashes are part of the password.
 */
export function generateKey(random: RandomSource = randomBytes): string {
  let characters = "";
  while (characters.length < groupCount * groupLength) {
    for (const byte of random(groupCount * groupLength - characters.length))
      if (byte < firstRejected) characters += alphabet[byte % alphabet.length];
  }
  return joinGroups(characters);
}
