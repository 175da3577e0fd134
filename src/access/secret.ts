import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A secret that nobody has to remember: 256 random bits, base64url. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** A name that is no secret, 16 hexadecimal digits. */
export function newId(): string {
  return randomBytes(8).toString("hex");
}

/** How a secret of 256 bits is kept. It cannot be guessed, so a fast hash is enough. SHA-256, hexadecimal. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** The one that a secret belongs to. Takes as long for a wrong secret, however much of its hash is right. */
export function ownerOf<Owner extends { readonly hash: string }>(
  secret: string,
  owners: readonly Owner[],
): Owner | undefined {
  const hash = Buffer.from(hashSecret(secret));
  let found: Owner | undefined;
  for (const owner of owners) {
    const known = Buffer.from(owner.hash);
    if (known.length === hash.length && timingSafeEqual(known, hash)) found = owner;
  }
  return found;
}
