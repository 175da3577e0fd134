import { SafehouseError } from "#core/model/problem.ts";
import type { ByteSource } from "#core/ports.ts";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";
import { detectionLength } from "#format/securetar/detect-encryption.ts";
import { openRandomDecryptor } from "#format/securetar/random-decryptor.ts";
import type { IndexedPart } from "../index/index-record.ts";

/** Reads a range of an inner archive's decrypted bytes. */
export type ReadPlain = (offset: number, length: number) => Promise<Uint8Array>;

/** Opens an inner archive for reading in the middle, by the layout that the index keeps of it. */
export async function openPlainRange(
  source: ByteSource,
  part: IndexedPart,
  keys: PasswordKeys | undefined,
): Promise<ReadPlain> {
  if (part.encryption === "none")
    return (offset, length) => source.read(part.offset + offset, length);
  const head = await source.read(part.offset, Math.min(detectionLength, part.size));
  const decryptor = await openRandomDecryptor({
    head,
    keys,
    size: part.size,
    nonces: Buffer.from(part.nonces, "base64"),
    read: (offset, length) => source.read(part.offset + offset, length),
  });
  if (decryptor.plainSize !== part.plainSize) {
    throw new SafehouseError(
      "damaged",
      `The index of ${part.member} says another size than the archive`,
    );
  }
  return (offset, length) => {
    if (offset + length <= decryptor.plainSize) return decryptor.read(offset, length);
    throw new SafehouseError("truncated", `${part.member} ends before byte ${offset + length}`);
  };
}
