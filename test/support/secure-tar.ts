import { detectEncryption } from "#format/securetar/detect-encryption.ts";
import type { Decryptor } from "#format/securetar/decryptor.ts";
import type { EncryptionContext } from "#format/securetar/encryption-context.ts";
import { openDecryptor } from "#format/securetar/open-decryptor.ts";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";

/** Encrypts in one go or in pieces of the given lengths, which are repeated as often as needed. */
export function encryptWhole(
  context: EncryptionContext,
  plain: Uint8Array,
  lengths: readonly number[] = [],
) {
  const encryptor = context.encryptor();
  const pieces = cut(plain, lengths).flatMap((piece) => encryptor.push(piece));
  pieces.push(...encryptor.end());
  const archive = Buffer.concat([encryptor.header, ...pieces]);
  const { offset, bytes } = encryptor.sizeField();
  archive.set(bytes, offset);
  return { archive, nonces: encryptor.messageNonces() };
}

/** Decrypts an inner archive, as `encryptWhole` encrypts. */
export async function decryptWhole(
  archive: Uint8Array,
  keys: PasswordKeys,
  lengths: readonly number[] = [],
): Promise<{ plain: Buffer; decryptor: Decryptor }> {
  const head = archive.subarray(0, 512);
  const detected = detectEncryption(head);
  if (detected.kind === "none") throw new TypeError("The archive is not encrypted");
  const decryptor = await openDecryptor(detected, head, keys);
  const pieces = cut(archive.subarray(decryptor.headerLength), lengths).flatMap((piece) =>
    decryptor.push(piece),
  );
  return { plain: Buffer.concat([...pieces, ...decryptor.end()]), decryptor };
}

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = Math.max(1, lengths[turn % lengths.length] ?? bytes.length);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

/** Content of a member of a small tar without long names. */
export function tarMember(tar: Uint8Array, name: string): Uint8Array {
  const text = new TextDecoder();
  for (let at = 0; at + 512 <= tar.length;) {
    const size = Number.parseInt(text.decode(tar.subarray(at + 124, at + 135)), 8);
    if (text.decode(tar.subarray(at, at + 100)).replace(/\0.*$/su, "") === name) {
      return tar.subarray(at + 512, at + 512 + size);
    }
    at += 512 + 512 * Math.ceil(size / 512);
  }
  throw new RangeError(`No member ${name}`);
}
