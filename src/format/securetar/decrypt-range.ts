import { createDecipheriv } from "node:crypto";
import { SafehouseError } from "#core/model/problem.ts";
import { initialisationVector } from "./aes-key.ts";
import type { CipherRange } from "./cipher-range.ts";
import { damagedMessage } from "./damaged-message.ts";
import type { AesHeader } from "./header.ts";
import { messageOverhead, messageSize, messageTag, openMessage } from "./secret-stream.ts";
import type { MessagePlace } from "./secret-stream.ts";

/** Decrypts the ciphertext of a range; `skip` bytes of what comes out stand before the range. */
export type DecryptRange = (range: CipherRange, cipher: Uint8Array) => Uint8Array;

/** For v1 and v2. The padding of the last block stays, behind the range. */
export function decryptBlocks(header: AesHeader, key: Uint8Array): DecryptRange {
  return (range, cipher) => {
    const isFirst = range.first === 0;
    const iv = isFirst ? initialisationVector(key, header.salt) : cipher.subarray(0, 16);
    const decipher = createDecipheriv("aes-128-cbc", key, iv).setAutoPadding(false);
    return decipher.update(isFirst ? cipher : cipher.subarray(16));
  };
}

/** For v3. @param places every message of the stream, in order */
export function decryptMessages(places: readonly MessagePlace[]): DecryptRange {
  const last = places.length - 1;
  return (range, cipher) => {
    const plain: Uint8Array[] = [];
    let number = range.first;
    for (let at = 0; at < cipher.length; at += messageSize + messageOverhead) {
      const place = places[number];
      const message = cipher.subarray(at, at + messageSize + messageOverhead);
      const opened = place === undefined ? undefined : openMessage(place, message);
      if (opened === undefined) throw damagedMessage(number);
      checkTag(opened.tag, number === last);
      plain.push(opened.plain);
      number += 1;
    }
    return plain.length === 1 && plain[0] !== undefined ? plain[0] : Buffer.concat(plain);
  };
}

function checkTag(tag: number, isLast: boolean): void {
  if (tag === (isLast ? messageTag.final : messageTag.message)) return;
  throw new SafehouseError(
    "damaged",
    "The inner archive ends at another message than its index says",
  );
}
