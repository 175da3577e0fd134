import { SafehouseError } from "#core/model/problem.ts";
import type { Encrypted } from "./detect-encryption.ts";

/** Header of v1 or v2, which differ in where the salt lies; v1 knows no size. */
export interface AesHeader {
  readonly kind: "v1" | "v2";
  readonly plainSize: number | undefined;
  readonly salt: Uint8Array;
}

export interface SecretStreamHeader {
  readonly kind: "v3";
  readonly plainSize: number;
  readonly rootSalt: Uint8Array;
  readonly validationSalt: Uint8Array;
  readonly validationKey: Uint8Array;
  readonly streamSalt: Uint8Array;
  /** Start of the secretstream: 16 bytes for its key, 8 for its first nonce. */
  readonly streamStart: Uint8Array;
}

/** Bytes in front of the ciphertext. */
export const headerLengths = { v1: 16, v2: 48, v3: 136 } as const;

/** Where the size of the plaintext stands in a header of v2 or v3; it can be patched in afterwards. */
export interface SizeField {
  readonly offset: 16;
  /** Unsigned, 64 bits, big-endian. */
  readonly bytes: Uint8Array;
}

export function sizeField(plainSize: number): SizeField {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(plainSize));
  return { offset: 16, bytes };
}

/**
 * Reads the header of an encrypted inner archive (docs/format.md, section 8). What a change to each of
 * its bytes leads to:
 *
 * | bytes    | v3                                                                    |
 * |----------|-----------------------------------------------------------------------|
 * | 0–15     | another version: `unknown-version`, or taken for v1 or v2, where the password then does not fit |
 * | 16–23    | size: compared at the end, `damaged`, or `truncated` if it became 0    |
 * | 24–31    | reserved: ignored, so a change is not noticed                         |
 * | 32–95    | salts and validation key: `wrong-password`                            |
 * | 96–135   | salt and start of the stream: `damaged` at the first message          |
 * | from 136 | every message has its own check value: `damaged` at that message      |
 *
 * In v2 the salt (32–47) is noticed by the password check as far as it touches the first bytes. A change
 * to the ciphertext is noticed only if it meets the padding or, later, a check of what is inside.
 *
 * @throws SafehouseError `truncated` if the head is shorter than the header, `damaged` for a size that
 *   nothing can have
 */
export function readHeader(encrypted: Encrypted, head: Uint8Array): AesHeader | SecretStreamHeader {
  const length = headerLengths[encrypted.kind];
  if (head.length < length) {
    throw new SafehouseError(
      "truncated",
      `The inner archive ends inside its header, after ${head.length} bytes`,
    );
  }
  const bytes = Uint8Array.from(head.subarray(0, length));
  if (encrypted.kind === "v1") return { kind: "v1", plainSize: undefined, salt: bytes };
  const plainSize = readSize(bytes);
  if (encrypted.kind === "v2") return { kind: "v2", plainSize, salt: bytes.subarray(32) };
  return {
    kind: "v3",
    plainSize,
    rootSalt: bytes.subarray(32, 48),
    validationSalt: bytes.subarray(48, 64),
    validationKey: bytes.subarray(64, 96),
    streamSalt: bytes.subarray(96, 112),
    streamStart: bytes.subarray(112),
  };
}

/** A header of v2 or v3 that says `plainSize`. `fields` follow one another from byte 32 on. */
export function writeHeader(
  version: 2 | 3,
  plainSize: number,
  fields: readonly Uint8Array[],
): Uint8Array {
  const header = new Uint8Array(headerLengths[`v${version}`]);
  header.set(new TextEncoder().encode("SecureTar"));
  header[9] = version;
  header.set(sizeField(plainSize).bytes, 16);
  let at = 32;
  for (const field of fields) {
    header.set(field, at);
    at += field.length;
  }
  return header;
}

function readSize(header: Uint8Array): number {
  const size = new DataView(header.buffer, header.byteOffset).getBigUint64(16);
  if (size <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(size);
  throw new SafehouseError(
    "damaged",
    "The header of the inner archive names a size that nothing can have",
  );
}
