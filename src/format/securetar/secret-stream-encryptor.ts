import { checkPromisedSize } from "./encryptor.ts";
import type { Encryptor } from "./encryptor.ts";
import { sizeField } from "./header.ts";
import type { SizeField } from "./header.ts";
import { messageSize, messageTag } from "./secret-stream.ts";
import type { SecretStream } from "./secret-stream.ts";

/** SecureTar v3. Made by `EncryptionContext`. */
export class SecretStreamEncryptor implements Encryptor {
  readonly version = 3;
  readonly header: Uint8Array;
  readonly #stream: SecretStream;
  readonly #promisedSize: number | undefined;
  readonly #pending = Buffer.allocUnsafeSlow(messageSize);
  #filled = 0;
  #plainSize = 0;

  constructor(header: Uint8Array, stream: SecretStream, promisedSize: number | undefined) {
    this.header = header;
    this.#stream = stream;
    this.#promisedSize = promisedSize;
  }

  get plainSize(): number {
    return this.#plainSize;
  }

  messageNonces(): Uint8Array {
    return this.#stream.nonces();
  }

  push(bytes: Uint8Array): Uint8Array[] {
    this.#plainSize += bytes.length;
    const ready: Uint8Array[] = [];
    let rest = bytes;
    // A full message waits for one more byte: without it, it is the final one.
    while (this.#filled + rest.length > messageSize) {
      const room = messageSize - this.#filled;
      const message =
        this.#filled === 0 ? rest.subarray(0, messageSize) : this.#fill(rest.subarray(0, room));
      ready.push(...this.#stream.seal(message, messageTag.message));
      this.#filled = 0;
      rest = rest.subarray(room);
    }
    this.#fill(rest);
    return ready;
  }

  end(): Uint8Array[] {
    checkPromisedSize(this.#promisedSize, this.#plainSize);
    return this.#stream.seal(this.#pending.subarray(0, this.#filled), messageTag.final);
  }

  sizeField(): SizeField {
    return sizeField(this.#plainSize);
  }

  #fill(bytes: Uint8Array): Uint8Array {
    this.#pending.set(bytes, this.#filled);
    this.#filled += bytes.length;
    return this.#pending.subarray(0, this.#filled);
  }
}
