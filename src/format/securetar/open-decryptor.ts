import { AesDecryptor } from "./aes-decryptor.ts";
import { checkAesPassword, openRootKey } from "./check-password.ts";
import type { Decryptor } from "./decryptor.ts";
import type { Encrypted } from "./detect-encryption.ts";
import { readHeader } from "./header.ts";
import type { PasswordKeys } from "./password-keys.ts";
import { SecretStream } from "./secret-stream.ts";
import { SecretStreamDecryptor } from "./secret-stream-decryptor.ts";
import { subkey } from "./subkey.ts";

/**
 * Checks the password as far as the format allows and starts reading. v3 knows for certain whether the
 * password is right. v1 and v2 know only whether something that looks like a gzip or tar file comes out,
 * so a damaged beginning looks like a wrong password; one wrong password in 16 million passes.
 *
 * @param head the first 512 bytes of the inner archive, or all of it if it is shorter, header included;
 *   the bytes behind the header are to be pushed all the same
 * @throws SafehouseError `wrong-password`, or `truncated` if the head ends too early to tell
 */
export async function openDecryptor(
  encrypted: Encrypted,
  head: Uint8Array,
  keys: PasswordKeys,
): Promise<Decryptor> {
  const header = readHeader(encrypted, head);
  if (header.kind === "v3") {
    const streamKey = subkey(await openRootKey(header, keys), header.streamSalt);
    return new SecretStreamDecryptor(
      header.plainSize,
      new SecretStream(streamKey, header.streamStart),
    );
  }
  checkAesPassword(header, head, keys.aesKey());
  return new AesDecryptor(header, keys.aesKey());
}
