import { SafehouseError } from "#core/model/problem.ts";
import { checkAesPassword, openRootKey } from "./check-password.ts";
import { cipherRange } from "./cipher-range.ts";
import { decryptBlocks, decryptMessages } from "./decrypt-range.ts";
import { detectEncryption } from "./detect-encryption.ts";
import { encryptedSize, messageCount } from "./encrypted-size.ts";
import { headerLengths, readHeader } from "./header.ts";
import type { AesHeader, SecretStreamHeader } from "./header.ts";
import type { PasswordKeys } from "./password-keys.ts";
import { nonceLength } from "./nonce-log.ts";
import { streamKeyOf } from "./secret-stream.ts";
import type { MessagePlace } from "./secret-stream.ts";
import { checkFinished, missingBytes } from "./size-check.ts";
import { subkey } from "./subkey.ts";

/** An encrypted inner archive that is read at any place. */
export interface RandomDecryptorOptions {
  /** Its first 512 bytes, or all of it if it is shorter. */
  readonly head: Uint8Array;
  /** Undefined where no password is known: then only unencrypted archives can be opened. */
  readonly keys: PasswordKeys | undefined;
  /** Bytes of it, header included. */
  readonly size: number;
  /** v3: 8 bytes for each message, from `messageNonces` of whoever wrote or read it. */
  readonly nonces: Uint8Array;
  /** Reads a range of it. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
}

/** Plaintext of an inner archive, read at any place. */
export interface RandomDecryptor {
  /** Bytes of plaintext; for v1 with what its broken padding added. */
  readonly plainSize: number;
  /**
   * Gives exactly the bytes of the range, which must lie inside `plainSize`. v3 authenticates every message
   * that it reads and its place in the stream; v1 and v2 check nothing.
   * @throws SafehouseError `damaged` if a check value or a message's kind is wrong, `truncated` if bytes
   *   are missing
   */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/**
 * Opens an encrypted inner archive for reading in the middle.
 *
 * @throws SafehouseError `wrong-password` and the like as `openDecryptor` does, `password-needed`,
 *   `damaged` or `truncated` if its size, its header and the nonces do not fit together
 */
export async function openRandomDecryptor(
  options: RandomDecryptorOptions,
): Promise<RandomDecryptor> {
  const { head, keys } = options;
  if (keys === undefined) {
    throw new SafehouseError(
      "password-needed",
      "The inner archive is encrypted and no password was given",
    );
  }
  const detected = detectEncryption(head);
  if (detected.kind === "none") {
    throw new SafehouseError(
      "damaged",
      "The inner archive is not encrypted, although it should be",
    );
  }
  const header = readHeader(detected, head);
  const plainSize = checkedPlainSize(header, options);
  const decrypt =
    header.kind === "v3"
      ? decryptMessages(await openPlaces(header, keys, options.nonces))
      : decryptBlocks(header, checkedAesKey(header, head, keys));
  return {
    plainSize,
    async read(offset, length) {
      if (length === 0) return new Uint8Array(0);
      const range = cipherRange(header.kind, { offset, length }, plainSize);
      const cipher = await options.read(range.offset, range.length);
      if (cipher.length < range.length) throw missingBytes(range.length - cipher.length);
      return decrypt(range, cipher).subarray(range.skip, range.skip + length);
    },
  };
}

function checkedPlainSize(
  header: AesHeader | SecretStreamHeader,
  { size, nonces }: RandomDecryptorOptions,
): number {
  const { plainSize = size - headerLengths.v1 } = header;
  if (header.kind === "v1") return plainSize;
  const expected = encryptedSize(header.kind === "v2" ? 2 : 3, plainSize);
  if (size < expected) throw missingBytes(expected - size);
  if (size > expected) checkFinished(plainSize, true);
  const nonceBytes = header.kind === "v3" ? nonceLength * messageCount(plainSize) : 0;
  if (size > expected || nonces.length !== nonceBytes) {
    throw new SafehouseError(
      "damaged",
      "The index does not belong to this inner archive, or its header is damaged",
    );
  }
  return plainSize;
}

function checkedAesKey(header: AesHeader, head: Uint8Array, keys: PasswordKeys): Uint8Array {
  const key = keys.aesKey();
  checkAesPassword(header, head, key);
  return key;
}

async function openPlaces(
  header: SecretStreamHeader,
  keys: PasswordKeys,
  nonces: Uint8Array,
): Promise<readonly MessagePlace[]> {
  const streamKey = subkey(await openRootKey(header, keys), header.streamSalt);
  const key = streamKeyOf(streamKey, header.streamStart);
  return Array.from({ length: nonces.length / nonceLength }, (_, number) => ({
    key,
    number,
    nonce: nonces.subarray(number * nonceLength, (number + 1) * nonceLength),
  }));
}
