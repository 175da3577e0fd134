import { SafehouseError } from "#core/model/problem.ts";
import { damagedMessage, unknownTag } from "./damaged-message.ts";
import type { Decryptor } from "./decryptor.ts";
import { encryptedSize } from "./encrypted-size.ts";
import { headerLengths } from "./header.ts";
import { messageOverhead, messageSize, messageTag } from "./secret-stream.ts";
import type { SecretStream } from "./secret-stream.ts";
import { checkFinished, missingBytes } from "./size-check.ts";

const fullMessage = messageSize + messageOverhead;

/**
 * SecureTar v3. Made by `openDecryptor`, which has checked the password.
 *
 * Messages are told apart by their fixed length, never by the size in the header, which nothing protects:
 * it is only compared at the end.
 */
export class SecretStreamDecryptor implements Decryptor {
  readonly kind = "v3";
  readonly headerLength = headerLengths.v3;
  readonly plainSize: number;
  readonly legacyTrailer = false;
  readonly #stream: SecretStream;
  #pending: Uint8Array | undefined;
  #filled = 0;
  #received = 0;
  #released = 0;
  #final = false;

  constructor(plainSize: number, stream: SecretStream) {
    this.plainSize = plainSize;
    this.#stream = stream;
  }

  messageNonces(): Uint8Array {
    return this.#stream.nonces();
  }

  push(bytes: Uint8Array): Uint8Array[] {
    this.#received += bytes.length;
    const ready: Uint8Array[] = [];
    let rest = bytes;
    while (this.#filled + rest.length >= fullMessage) {
      const room = fullMessage - this.#filled;
      const part = rest.subarray(0, room);
      ready.push(this.#open(this.#filled === 0 ? part : this.#fill(part)));
      this.#filled = 0;
      rest = rest.subarray(room);
    }
    if (rest.length > 0) this.#fill(rest);
    return ready;
  }

  end(): Uint8Array[] {
    const rest = this.#final ? [] : [this.#openLast()];
    checkFinished(this.plainSize, this.#released > 0);
    if (this.#released !== this.plainSize) {
      throw new SafehouseError(
        "damaged",
        `The header of the inner archive says ${this.plainSize} bytes, but it holds ${this.#released}`,
      );
    }
    return rest;
  }

  #openLast(): Uint8Array {
    checkFinished(this.plainSize, this.#received > messageOverhead);
    const missing = encryptedSize(3, this.plainSize) - this.headerLength - this.#received;
    const message = this.#pending?.subarray(0, this.#filled) ?? new Uint8Array(0);
    const opened = message.length < messageOverhead ? undefined : this.#stream.open(message);
    if (opened?.tag === messageTag.final) {
      this.#released += opened.plain.length;
      return opened.plain;
    }
    // A message that was cut off has a wrong check value too; it is the size that tells.
    if (missing > 0) throw missingBytes(missing);
    if (message.length > 0 && opened === undefined) throw damagedMessage(this.#stream.count);
    throw new SafehouseError("damaged", "The inner archive has no final message");
  }

  #open(message: Uint8Array): Uint8Array {
    this.#refuseAfterFinal();
    const opened = this.#stream.open(message);
    if (opened === undefined) throw damagedMessage(this.#stream.count);
    this.#final = opened.tag === messageTag.final;
    if (!this.#final && opened.tag !== messageTag.message) throw unknownTag(opened.tag);
    this.#released += opened.plain.length;
    return opened.plain;
  }

  #fill(bytes: Uint8Array): Uint8Array {
    this.#refuseAfterFinal();
    this.#pending ??= Buffer.allocUnsafeSlow(fullMessage);
    this.#pending.set(bytes, this.#filled);
    this.#filled += bytes.length;
    return this.#pending.subarray(0, this.#filled);
  }

  #refuseAfterFinal(): void {
    if (this.#final)
      throw new SafehouseError("damaged", "The inner archive goes on after its final message");
  }
}
