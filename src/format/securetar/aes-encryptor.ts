import type { Cipheriv } from "node:crypto";
import { checkPromisedSize } from "./encryptor.ts";
import type { Encryptor } from "./encryptor.ts";
import { sizeField } from "./header.ts";
import type { SizeField } from "./header.ts";

/** SecureTar v2: AES-128-CBC with PKCS#7 padding. Made by `EncryptionContext`. */
export class AesEncryptor implements Encryptor {
  readonly version = 2;
  readonly header: Uint8Array;
  readonly #cipher: Cipheriv;
  readonly #promisedSize: number | undefined;
  #plainSize = 0;

  constructor(header: Uint8Array, cipher: Cipheriv, promisedSize: number | undefined) {
    this.header = header;
    this.#cipher = cipher;
    this.#promisedSize = promisedSize;
  }

  get plainSize(): number {
    return this.#plainSize;
  }

  push(bytes: Uint8Array): Uint8Array[] {
    this.#plainSize += bytes.length;
    const ready = this.#cipher.update(bytes);
    return ready.length === 0 ? [] : [ready];
  }

  end(): Uint8Array[] {
    checkPromisedSize(this.#promisedSize, this.#plainSize);
    return [this.#cipher.final()];
  }

  messageNonces(): Uint8Array {
    return new Uint8Array(0);
  }

  sizeField(): SizeField {
    return sizeField(this.#plainSize);
  }
}
