import { SafehouseError } from "#core/model/problem.ts";
import type { ByteSource } from "#core/ports.ts";
import { gunzip } from "#format/gzip/gunzip.ts";
import {
  detectEncryption,
  detectionLength,
  type DetectedEncryption,
} from "#format/securetar/detect-encryption.ts";
import { openDecryptor } from "#format/securetar/open-decryptor.ts";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";
import { letGo } from "../let-go.ts";
import type { InnerArchive } from "./open-archive.ts";
import { readAhead } from "./read-ahead.ts";

/** One v3 message, so that most of them are decrypted without a copy. */
const messageSize = 1024 * 1024 + 17;

/** The decrypted bytes of an inner archive, and what they turned out to be. */
export interface PlainStream {
  readonly encryption: DetectedEncryption["kind"];
  /** SecureTar v1 breaks the padding of a gzip trailer. */
  readonly legacyTrailer: boolean;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** v3, once `bytes` has ended: the nonces for entering the stream. */
  nonces(): Uint8Array;
}

/**
 * Opens an inner archive for reading from its beginning. How it is encrypted is told by its bytes, never
 * by `backup.json`. Rejects with `password-needed` or `wrong-password` before any content is read.
 */
export async function openPlainStream(
  source: ByteSource,
  inner: InnerArchive,
  keys: PasswordKeys | undefined,
): Promise<PlainStream> {
  const head = await source.read(inner.offset, Math.min(detectionLength, inner.size));
  if (head.length === 0)
    throw new SafehouseError("truncated", `${inner.member} is empty: it was never finished`);
  const detected = detectEncryption(head);
  if (detected.kind === "none") {
    const bytes = readAhead(source, { offset: inner.offset, length: inner.size }, messageSize);
    return { encryption: "none", legacyTrailer: false, bytes, nonces: () => new Uint8Array(0) };
  }
  if (keys === undefined) {
    const doubt = detected.kind === "v1" ? " or its first bytes are damaged" : "";
    throw new SafehouseError(
      "password-needed",
      `${inner.member} is encrypted${doubt}, and no password was given`,
    );
  }
  const decryptor = await openDecryptor(detected, head, keys);
  const { headerLength } = decryptor;
  const body = { offset: inner.offset + headerLength, length: inner.size - headerLength };
  async function* decrypted(): AsyncGenerator<Uint8Array> {
    for await (const bytes of readAhead(source, body, messageSize)) {
      const plain = decryptor.push(bytes);
      letGo(bytes);
      yield* plain;
    }
    yield* decryptor.end();
  }
  return {
    encryption: detected.kind,
    legacyTrailer: decryptor.legacyTrailer,
    bytes: decrypted(),
    nonces: () => decryptor.messageNonces(),
  };
}

/** The tar stream of an inner archive; `compression` is told by the first bytes as well. */
export async function openTarStream(plain: PlainStream): Promise<{
  readonly compression: "gzip" | "none";
  readonly bytes: AsyncIterable<Uint8Array>;
}> {
  const iterator = plain.bytes[Symbol.asyncIterator]();
  const first = await iterator.next();
  async function* rest(): AsyncGenerator<Uint8Array> {
    try {
      if (first.done !== true) yield first.value;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  const gzip = first.done !== true && first.value[0] === 0x1f && first.value[1] === 0x8b;
  if (!gzip) return { compression: "none", bytes: rest() };
  return { compression: "gzip", bytes: gunzip(rest(), { legacyTrailer: plain.legacyTrailer }) };
}
