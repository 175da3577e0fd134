import { createCipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { signers, type SignerId } from "./dialect.ts";
import { header, headerBytes } from "./header.ts";

/** Puts the signature into the head of a message, and the flag that says so, [MS-SMB2] 3.1.4.1. */
export function signMessage(parts: readonly Buffer[], signer: SignerId, key: Buffer): void {
  const [head] = parts;
  if (head === undefined) return;
  header.addFlag(head, header.signed);
  head.fill(0, signatureAt, headerBytes);
  signatureOf(parts, signer, key).copy(head, signatureAt);
}

/** Whether the signature of an answer is that of its bytes. */
export function isGenuine(message: Buffer, signer: SignerId, key: Buffer): boolean {
  const given = Buffer.from(message.subarray(signatureAt, headerBytes));
  const head = Buffer.from(message.subarray(0, headerBytes)).fill(0, signatureAt);
  return timingSafeEqual(given, signatureOf([head, message.subarray(headerBytes)], signer, key));
}

const signatureAt = 48;

function signatureOf(parts: readonly Buffer[], signer: SignerId, key: Buffer): Buffer {
  if (signer === signers.gmac) return gmac(parts, key);
  if (signer === signers.cmac) return aesCmac(key, parts);
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest().subarray(0, 16);
}

/** The nonce is the message's number and whose message it is, [MS-SMB2] 3.1.4.1. */
function gmac(parts: readonly Buffer[], key: Buffer): Buffer {
  const nonce = Buffer.alloc(12);
  parts[0]?.copy(nonce, 0, header.numberAt, header.numberAt + 8);
  if (parts[0] !== undefined && header.hasFlag(parts[0], header.fromServer)) nonce[8] = 1;
  const mac = createCipheriv("aes-128-gcm", key, nonce);
  for (const part of parts) mac.setAAD(part);
  mac.final();
  return mac.getAuthTag();
}

const blockBytes = 16;

/**
 * AES-CMAC of RFC 4493, which is CBC whose last block is mixed with a key of its own. The bytes go through OpenSSL in one
 * row, of which only the end counts.
 */
export function aesCmac(key: Buffer, parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const restBytes = length === 0 ? 0 : ((length - 1) % blockBytes) + 1;
  const cipher = createCipheriv("aes-128-cbc", key, Buffer.alloc(blockBytes)).setAutoPadding(false);
  let left = length - restBytes;
  const rest: Buffer[] = [];
  let last: Buffer = Buffer.alloc(blockBytes);
  for (const part of parts) {
    const taken = part.subarray(0, left);
    left -= taken.length;
    rest.push(part.subarray(taken.length));
    last = encrypted(cipher.update(taken), last);
  }
  const [whole, broken] = subkeys(key);
  const end = Buffer.alloc(blockBytes);
  Buffer.concat(rest).copy(end);
  if (restBytes < blockBytes) end[restBytes] = 0x80;
  const mixed = xor(end, restBytes === blockBytes ? whole : broken);
  return encrypted(cipher.update(mixed), last);
}

/** The last block that came out, or the one before. */
function encrypted(output: Buffer, before: Buffer): Buffer {
  return output.length >= blockBytes ? output.subarray(output.length - blockBytes) : before;
}

function subkeys(key: Buffer): readonly [Buffer, Buffer] {
  const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
  const whole = doubled(cipher.update(Buffer.alloc(blockBytes)));
  return [whole, doubled(whole)];
}

/** Times x in GF(2^128). */
function doubled(block: Buffer): Buffer {
  const carries = (block[0] ?? 0) >= 0x80;
  const result = block.map((byte, index) => (byte << 1) | ((block[index + 1] ?? 0) >> 7)) as Buffer;
  if (carries) result[blockBytes - 1] = (result[blockBytes - 1] ?? 0) ^ 0x87;
  return result;
}

function xor(left: Buffer, right: Buffer): Buffer {
  return left.map((byte, index) => byte ^ (right[index] ?? 0)) as Buffer;
}
