import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decryptWhole, encryptWhole } from "#test/secure-tar.ts";
import { encryptedSize } from "./encrypted-size.ts";
import { createEncryptionContext } from "./encryption-context.ts";
import { PasswordKeys } from "./password-keys.ts";
import { messageSize } from "./secret-stream.ts";

const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1);
const keys = new PasswordKeys("correct horse");
const noise = randomBytes(3 * messageSize);
// The password check of v2 wants to see the beginning of a gzip file.
noise.set([0x1f, 0x8b, 8]);

const sizes = fc.oneof(
  fc.integer({ min: 3, max: 100 }),
  fc.integer({ min: messageSize - 17, max: messageSize + 17 }),
  fc.integer({ min: 2 * messageSize - 2, max: 2 * messageSize + 2 }),
);
const lengths = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 5000 }),
    fc.constantFrom(65_536, messageSize, messageSize + 17, 3_000_000),
  ),
  { minLength: 1, maxLength: 5 },
);

for (const version of [2, 3] as const) {
  describe(`SecureTar v${version}`, async () => {
    const context = await createEncryptionContext(version, keys);

    it("gives back what was put in, whatever its size and however both are cut", async () => {
      await fc.assert(
        fc.asyncProperty(sizes, lengths, lengths, async (size, writing, reading) => {
          const written = encryptWhole(context, noise.subarray(0, size), writing);
          assert.equal(written.archive.length, encryptedSize(version, size));
          const { plain, decryptor } = await decryptWhole(written.archive, keys, reading);
          assert.ok(plain.equals(noise.subarray(0, size)));
          assert.equal(decryptor.plainSize, size);
          assert.deepEqual(decryptor.messageNonces(), written.nonces);
        }),
        { numRuns: 40 * loops },
      );
    });

    it("gives back small contents byte by byte", async () => {
      for (const size of [0, 3, 4, 15, 16, 17, 31, 32, 33, 600]) {
        const { archive } = encryptWhole(context, noise.subarray(0, size), [1]);
        const { plain } = await decryptWhole(archive, keys, [1]);
        assert.ok(plain.equals(noise.subarray(0, size)), `${size} bytes`);
      }
    });

    it("leaves pushed bytes to their owner", async () => {
      const encryptor = context.encryptor();
      const buffer = Buffer.alloc(1000);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < 3_000_000; at += 1000) {
        buffer.set(noise.subarray(at, at + 1000));
        pieces.push(...encryptor.push(buffer));
        buffer.fill(0);
      }
      pieces.push(...encryptor.end());
      const archive = Buffer.concat([encryptor.header, ...pieces]);
      archive.set(encryptor.sizeField().bytes, encryptor.sizeField().offset);
      const { plain } = await decryptWhole(archive, keys, [777_777]);
      assert.ok(plain.equals(noise.subarray(0, 3_000_000)));
    });

    it("writes a header that is final from the start where the size is known", async () => {
      const encryptor = context.encryptor({ plainSize: 100 });
      const pieces = [
        encryptor.header,
        ...encryptor.push(noise.subarray(0, 100)),
        ...encryptor.end(),
      ];
      const { plain } = await decryptWhole(Buffer.concat(pieces), keys);
      assert.ok(plain.equals(noise.subarray(0, 100)));
    });

    it("refuses to end at another size than it promised", () => {
      const encryptor = context.encryptor({ plainSize: 100 });
      encryptor.push(noise.subarray(0, 99));
      assert.throws(() => encryptor.end(), RangeError);
    });

    it("never uses the same salt for two inner archives", () => {
      const first = context.encryptor().header;
      const second = context.encryptor().header;
      assert.notDeepEqual(first.subarray(-16), second.subarray(-16));
      assert.equal(Buffer.compare(first.subarray(0, 32), second.subarray(0, 32)), 0);
    });
  });
}

describe("SecureTar v3", () => {
  it("opens a single byte and marks only the last message as final", async () => {
    const context = await createEncryptionContext(3, keys);
    for (const size of [1, 2, messageSize, 2 * messageSize]) {
      const { archive, nonces } = encryptWhole(context, noise.subarray(0, size));
      const { plain } = await decryptWhole(archive, keys, [65_536]);
      assert.ok(plain.equals(noise.subarray(0, size)));
      assert.equal(nonces.length, 8 * Math.ceil(size / messageSize));
    }
  });

  it("shares salts and validation key among the inner archives of a backup", async () => {
    const context = await createEncryptionContext(3, "a password as text");
    const [first, second] = [context.encryptor().header, context.encryptor().header];
    assert.deepEqual(first.subarray(0, 96), second.subarray(0, 96));
    assert.deepEqual(Uint8Array.from(context.rootSalt ?? []), first.slice(32, 48));
    assert.notDeepEqual(first.subarray(96, 112), second.subarray(96, 112));
    assert.notDeepEqual(first.subarray(112), second.subarray(112));
  });
});
