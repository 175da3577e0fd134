import { createHash, createHmac } from "node:crypto";
import { rc4 } from "./rc4.ts";

const signingMagic = "session key to client-to-server signing key magic constant\0";
const sealingMagic = "session key to client-to-server sealing key magic constant\0";

/**
 * The client's first signature in a session of NTLM with keys of 128 bits that were exchanged, [MS-NLMP] 3.4.4.2.
 * @returns 16 bytes
 */
export function ntlmSignature(sessionKey: Buffer, message: Buffer): Buffer {
  const number = Buffer.alloc(4);
  const signing = md5(sessionKey, signingMagic);
  const sealing = md5(sessionKey, sealingMagic);
  const sum = createHmac("md5", signing).update(number).update(message).digest().subarray(0, 8);
  return Buffer.concat([Buffer.from([1, 0, 0, 0]), rc4(sealing, sum), number]);
}

function md5(key: Buffer, magic: string): Buffer {
  return createHash("md5").update(key).update(magic, "latin1").digest();
}
