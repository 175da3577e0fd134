import { createDecipheriv } from "node:crypto";
import type { Decipheriv } from "node:crypto";
import { SafehouseError } from "#core/model/problem.ts";
import { initialisationVector } from "./aes-key.ts";
import type { Decryptor } from "./decryptor.ts";
import { encryptedSize } from "./encrypted-size.ts";
import { headerLengths } from "./header.ts";
import type { AesHeader } from "./header.ts";
import { checkFinished, missingBytes } from "./size-check.ts";

const blockSize = 16;

/** v1 and v2: AES-128-CBC. Made by `openDecryptor`, which has checked the password as far as one can. */
export class AesDecryptor implements Decryptor {
  readonly kind: "v1" | "v2";
  readonly headerLength: number;
  readonly plainSize: number | undefined;
  readonly legacyTrailer: boolean;
  readonly #decipher: Decipheriv;
  #received = 0;

  constructor(header: AesHeader, key: Uint8Array) {
    this.kind = header.kind;
    this.headerLength = headerLengths[header.kind];
    this.plainSize = header.plainSize;
    this.legacyTrailer = header.kind === "v1";
    this.#decipher = createDecipheriv("aes-128-cbc", key, initialisationVector(key, header.salt));
    this.#decipher.setAutoPadding(header.kind === "v2");
  }

  messageNonces(): Uint8Array {
    return new Uint8Array(0);
  }

  push(bytes: Uint8Array): Uint8Array[] {
    this.#received += bytes.length;
    return someBytes(this.#decipher.update(bytes));
  }

  end(): Uint8Array[] {
    this.#checkLength();
    try {
      return someBytes(this.#decipher.final());
    } catch (error) {
      if (!isPaddingError(error)) throw error;
      throw new SafehouseError(
        "damaged",
        "The last block of the inner archive is damaged: its padding is wrong",
        {
          cause: error,
        },
      );
    }
  }

  #checkLength(): void {
    const received = this.#received;
    if (this.plainSize !== undefined) {
      checkFinished(this.plainSize, received > blockSize);
      const expected = encryptedSize(2, this.plainSize) - this.headerLength;
      if (received < expected) throw missingBytes(expected - received);
      if (received > expected) throw surplus(received - expected);
    } else if (received % blockSize !== 0) {
      throw missingBytes(blockSize - (received % blockSize));
    }
  }
}

function someBytes(bytes: Uint8Array): Uint8Array[] {
  return bytes.length === 0 ? [] : [bytes];
}

function isPaddingError(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_OSSL_BAD_DECRYPT";
}

function surplus(bytes: number): SafehouseError {
  return new SafehouseError(
    "damaged",
    `The inner archive is ${bytes} bytes longer than its header says`,
  );
}
