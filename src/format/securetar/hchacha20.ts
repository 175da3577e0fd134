import { createCipheriv } from "node:crypto";

const constants = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);

/**
 * HChaCha20 (draft-irtf-cfrg-xchacha, section 2.2): a 32-byte key from a 32-byte key and 16 bytes.
 *
 * It is the ChaCha20 block function without its last step, which adds the initial state to the result.
 * So one block of ordinary key stream, minus the words of that state which are public, is all it takes.
 */
export function hchacha20(key: Uint8Array, input: Uint8Array): Uint8Array {
  const block = createCipheriv("chacha20", key, input).update(new Uint8Array(64));
  const stream = new DataView(block.buffer, block.byteOffset, 64);
  const nonce = new DataView(input.buffer, input.byteOffset, 16);
  const result = new DataView(new ArrayBuffer(32));
  constants.forEach((constant, word) => {
    const at = 4 * word;
    result.setUint32(at, stream.getUint32(at, true) - constant, true);
    result.setUint32(16 + at, stream.getUint32(48 + at, true) - nonce.getUint32(at, true), true);
  });
  return new Uint8Array(result.buffer);
}
