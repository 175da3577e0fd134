import { createCipheriv, timingSafeEqual } from "node:crypto";
import type { Cipheriv } from "node:crypto";
import { hchacha20 } from "./hchacha20.ts";
import { poly1305 } from "./mac.ts";
import { NonceLog } from "./nonce-log.ts";

/** Plaintext bytes of every message but the last, which may have fewer. */
export const messageSize = 1024 * 1024;
/** Bytes that encryption adds to a message: the tag in front and the check value behind it. */
export const messageOverhead = 17;

/** What a message is: one of many, or the last of its stream. */
export const messageTag = { message: 0, final: 3 } as const;

const macLength = 16;
const chachaBlock = 64;

/** Where a message stands in its stream. */
export interface MessagePlace {
  /** Stream key after HChaCha20, 32 bytes. */
  readonly key: Uint8Array;
  /** From 0. */
  readonly number: number;
  /** 8 bytes: the part of the nonce that changes with the check value of each message. */
  readonly nonce: Uint8Array;
}

export interface OpenedMessage {
  readonly tag: number;
  readonly plain: Uint8Array;
}

/**
 * The secretstream of libsodium, XChaCha20-Poly1305 without additional data, one message after the other
 * (docs/format.md, section 8.3). The stream ends with a final message, so what libsodium does after one
 * (a new key) is not needed and not here.
 */
export class SecretStream {
  readonly #key: Uint8Array;
  readonly #nonce: Uint8Array;
  readonly #log = new NonceLog();

  /** @param start the 24 bytes `streamStart` of the header */
  constructor(streamKey: Uint8Array, start: Uint8Array) {
    this.#key = streamKeyOf(streamKey, start);
    this.#nonce = Uint8Array.from(start.subarray(16));
  }

  /** Messages so far. */
  get count(): number {
    return this.#log.count;
  }

  /** The 8 bytes of nonce of every message so far, which allow to open any message by itself. */
  nonces(): Uint8Array {
    return this.#log.copy();
  }

  /** Begins the next message. It has to be sealed before another one is begun. */
  begin(): MessageCipher {
    return new MessageCipher({ key: this.#key, number: this.count, nonce: this.#nonce });
  }

  /** Ends a message; the pieces are to be written one after the other. */
  seal(message: MessageCipher, tag: number): Uint8Array[] {
    const { mac, pieces } = message.seal(tag);
    this.#advance(mac);
    return pieces;
  }

  /** Opens the next message; undefined if its check value is wrong. */
  open(cipher: Uint8Array): OpenedMessage | undefined {
    const opened = openMessage({ key: this.#key, number: this.count, nonce: this.#nonce }, cipher);
    if (opened !== undefined) this.#advance(cipher.subarray(-macLength));
    return opened;
  }

  #advance(mac: Uint8Array): void {
    this.#log.add(this.#nonce);
    for (let at = 0; at < 8; at += 1) this.#nonce[at] = (this.#nonce[at] ?? 0) ^ (mac[at] ?? 0);
  }
}

/**
 * A message that is encrypted in pieces. What kind it is need not be known before its end: only the tag in
 * front and the check value depend on that.
 */
export class MessageCipher {
  readonly #start: MessageStart;
  readonly #body: Uint8Array[] = [];

  constructor(place: MessagePlace) {
    this.#start = beginMessage(place);
  }

  add(plain: Uint8Array): void {
    this.#body.push(this.#start.chacha.update(plain));
  }

  seal(tag: number): { readonly mac: Uint8Array; readonly pieces: Uint8Array[] } {
    const { macKey, block } = this.#start;
    block[0] = (block[0] ?? 0) ^ tag;
    const mac = checkValue(macKey, block, this.#body);
    return { mac, pieces: [block.subarray(0, 1), ...this.#body, mac] };
  }
}

/** The key of all messages of a stream. @param start `streamStart` of the header */
export function streamKeyOf(streamKey: Uint8Array, start: Uint8Array): Uint8Array {
  return hchacha20(streamKey, start.subarray(0, 16));
}

/**
 * Opens a message at its place; undefined if its check value is wrong. Nothing is decrypted before that
 * is known.
 *
 * @param cipher the whole message, 17 bytes at least
 */
export function openMessage(place: MessagePlace, cipher: Uint8Array): OpenedMessage | undefined {
  const { chacha, macKey, block } = beginMessage(place);
  const [encryptedTag = 0] = cipher;
  const tag = (block[0] ?? 0) ^ encryptedTag;
  block[0] = encryptedTag;
  const body = cipher.subarray(1, -macLength);
  if (!timingSafeEqual(checkValue(macKey, block, [body]), cipher.subarray(-macLength)))
    return undefined;
  return { tag, plain: chacha.update(body) };
}

interface MessageStart {
  readonly chacha: Cipheriv;
  readonly macKey: Uint8Array;
  readonly block: Uint8Array;
}

/**
 * Key stream of a message: block 0 gives the key of the check value, block 1 hides the tag and 63 zero
 * bytes that are never sent, the rest hides the message.
 */
function beginMessage(place: MessagePlace): MessageStart {
  const iv = new Uint8Array(16);
  new DataView(iv.buffer).setUint32(4, place.number + 1, true);
  iv.set(place.nonce, 8);
  const chacha = createCipheriv("chacha20", place.key, iv);
  const start = chacha.update(new Uint8Array(2 * chachaBlock));
  return { chacha, macKey: start.subarray(0, 32), block: start.subarray(chachaBlock) };
}

/**
 * The filling before the lengths is `length mod 16` bytes, a mistake of libsodium's that stays for ever;
 * it is why the ready-made ChaCha20-Poly1305 of TLS does not fit.
 */
function checkValue(
  macKey: Uint8Array,
  block: Uint8Array,
  body: readonly Uint8Array[],
): Uint8Array {
  const length = body.reduce((sum, piece) => sum + piece.length, 0);
  const lengths = new Uint8Array((length % 16) + 16);
  const view = new DataView(lengths.buffer);
  view.setBigUint64(lengths.length - 8, BigInt(chachaBlock + length), true);
  return poly1305(macKey, [block, ...body, lengths]);
}
