import type { SizeField } from "./header.ts";

/**
 * Encrypts one inner archive. What comes out of `header`, every `push` and `end`, in this order, is the
 * archive. Pieces that were handed out are the caller's; bytes that were pushed are free again when
 * `push` returns.
 */
export interface Encryptor {
  readonly version: 2 | 3;

  /** 48 or 136 bytes. The size in it is 0, which marks an unfinished archive, unless it was given. */
  readonly header: Uint8Array;

  /** Plaintext bytes so far. */
  readonly plainSize: number;

  /**
   * v3: 8 bytes for each message that came out so far, in order: its nonce, by which it can be opened
   * alone (`openRandomDecryptor`). No secret, yet no use without the key. Empty for v2.
   */
  messageNonces(): Uint8Array;

  /** Takes plaintext; gives the ciphertext that is ready. v3 keeps up to 1 MiB back. */
  push(bytes: Uint8Array): Uint8Array[];

  /**
   * The rest of the ciphertext. To be called once.
   * @throws RangeError if the size was given beforehand and another came
   */
  end(): Uint8Array[];

  /** What to write into the header after `end`, where the size was not given. */
  sizeField(): SizeField;
}

export interface EncryptorOptions {
  /** Bytes of plaintext to come, if known: then the header is final from the start. */
  readonly plainSize?: number;
}

/** @throws RangeError if the size that was promised in the header is not the size that came */
export function checkPromisedSize(promised: number | undefined, plainSize: number): void {
  if (promised === undefined || promised === plainSize) return;
  throw new RangeError(`The header promised ${promised} bytes, but ${plainSize} came`);
}
