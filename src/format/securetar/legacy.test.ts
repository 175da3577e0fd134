import assert from "node:assert/strict";
import { createCipheriv, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { decryptWhole } from "#test/secure-tar.ts";
import { initialisationVector } from "./aes-key.ts";
import { PasswordKeys } from "./password-keys.ts";

const keys = new PasswordKeys("correct horse");

/** Writes as the old software did: every write that is no multiple of 16 bytes is padded by itself. */
function encryptAsV1(writes: readonly Uint8Array[]): Buffer {
  const salt = randomBytes(16);
  const key = keys.aesKey();
  const cipher = createCipheriv("aes-128-cbc", key, initialisationVector(key, salt)).setAutoPadding(
    false,
  );
  const padded = writes.map((bytes) => {
    const padding = (16 - (bytes.length % 16)) % 16;
    return cipher.update(Buffer.concat([bytes, Buffer.alloc(padding, padding)]));
  });
  return Buffer.concat([salt, ...padded]);
}

function littleEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

describe("a v1 archive", () => {
  it("comes out with its broken trailer, for the gzip reader to deal with", async () => {
    const property = fc.asyncProperty(
      fc.uint8Array({ maxLength: 2000 }),
      fc.integer({ min: 1, max: 300 }),
      async (content, length) => {
        const header = Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3);
        const member = Buffer.concat([header, deflateRawSync(content)]);
        const archive = encryptAsV1([
          member,
          littleEndian(crc32(content)),
          littleEndian(content.length),
        ]);
        const { plain, decryptor } = await decryptWhole(archive, keys, [length]);
        assert.equal(decryptor.legacyTrailer, true);
        assert.equal(decryptor.plainSize, undefined);
        assert.deepEqual(Uint8Array.from(inflateRawSync(plain.subarray(10))), content);
        assert.equal(plain.readUInt32LE(plain.length - 32), crc32(content));
        assert.equal(plain.readUInt32LE(plain.length - 16), content.length);
      },
    );
    await fc.assert(property, { numRuns: 50 });
  });

  it("is truncated where it ends inside a block, and cannot notice more than that", async () => {
    const tar = Buffer.alloc(10_240);
    tar.write("ustar", 257);
    const archive = encryptAsV1([tar]);
    await assert.rejects(decryptWhole(archive.subarray(0, -1), keys), { problem: "truncated" });
    const { plain } = await decryptWhole(archive.subarray(0, -16), keys);
    assert.equal(plain.length, 10_224);
  });

  it("is what random bytes look like, and then the password does not fit", async () => {
    await assert.rejects(decryptWhole(randomBytes(1000), keys), {
      problem: "wrong-password",
      message: /no backup at all/u,
    });
  });
});
