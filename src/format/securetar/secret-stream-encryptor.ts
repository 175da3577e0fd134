import { checkPromisedSize } from "./encryptor.ts";
import type { Encryptor } from "./encryptor.ts";
import { sizeField } from "./header.ts";
import type { SizeField } from "./header.ts";
import { messageSize, messageTag } from "./secret-stream.ts";
import type { MessageCipher, SecretStream } from "./secret-stream.ts";

/** Smaller pieces are gathered first, so that a message comes out in few pieces. */
const smallestPiece = 128 * 1024;

/**
 * SecureTar v3. Made by `EncryptionContext`.
 *
 * Ciphertext of the message at hand is kept until it is known whether the message is the final one.
 */
export class SecretStreamEncryptor implements Encryptor {
  readonly version = 3;
  readonly header: Uint8Array;
  readonly #stream: SecretStream;
  readonly #promisedSize: number | undefined;
  readonly #gathered = Buffer.allocUnsafeSlow(smallestPiece);
  #gatheredLength = 0;
  #message: MessageCipher;
  #messageLength = 0;
  #plainSize = 0;

  constructor(header: Uint8Array, stream: SecretStream, promisedSize: number | undefined) {
    this.header = header;
    this.#stream = stream;
    this.#message = stream.begin();
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
    for (let rest = bytes; rest.length > 0;) {
      // A full message waits for one more byte: without it, it is the final one.
      if (this.#messageLength === messageSize) ready.push(...this.#sealFull());
      const part = rest.subarray(0, messageSize - this.#messageLength);
      this.#add(part);
      rest = rest.subarray(part.length);
    }
    return ready;
  }

  end(): Uint8Array[] {
    checkPromisedSize(this.#promisedSize, this.#plainSize);
    this.#flush();
    return this.#stream.seal(this.#message, messageTag.final);
  }

  sizeField(): SizeField {
    return sizeField(this.#plainSize);
  }

  #sealFull(): Uint8Array[] {
    this.#flush();
    const pieces = this.#stream.seal(this.#message, messageTag.message);
    this.#message = this.#stream.begin();
    this.#messageLength = 0;
    return pieces;
  }

  #add(bytes: Uint8Array): void {
    this.#messageLength += bytes.length;
    if (this.#gatheredLength + bytes.length > smallestPiece) this.#flush();
    if (bytes.length >= smallestPiece) {
      this.#message.add(bytes);
    } else {
      this.#gathered.set(bytes, this.#gatheredLength);
      this.#gatheredLength += bytes.length;
    }
  }

  #flush(): void {
    if (this.#gatheredLength === 0) return;
    this.#message.add(this.#gathered.subarray(0, this.#gatheredLength));
    this.#gatheredLength = 0;
  }
}
