import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import fc from "fast-check";
import { encryptWhole } from "#test/secure-tar.ts";
import { cipherRange } from "./cipher-range.ts";
import { createEncryptionContext } from "./encryption-context.ts";
import { PasswordKeys } from "./password-keys.ts";
import { openRandomDecryptor } from "./random-decryptor.ts";
import { messageSize } from "./secret-stream.ts";

const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1);
const keys = new PasswordKeys("correct horse");
const plain = randomBytes(3 * messageSize + 1234);
plain.set([0x1f, 0x8b, 8]);

function open(archive: Uint8Array, nonces: Uint8Array) {
  return openRandomDecryptor({
    head: archive.subarray(0, 512),
    keys,
    size: archive.length,
    nonces,
    read: (offset, length) => Promise.resolve(archive.subarray(offset, offset + length)),
  });
}

for (const version of [2, 3] as const) {
  describe(`random access to a v${version} archive`, () => {
    let archive: Uint8Array;
    let nonces: Uint8Array;
    before(async () => {
      const context = await createEncryptionContext(version, keys);
      ({ archive, nonces } = encryptWhole(context, plain, [1_000_000]));
    });

    it("gives every range as it stands in the whole", async () => {
      const decryptor = await open(archive, nonces);
      assert.equal(decryptor.plainSize, plain.length);
      const places = fc.oneof(
        fc.integer({ min: 0, max: plain.length }),
        fc.constantFrom(
          0,
          1,
          15,
          16,
          17,
          messageSize - 1,
          messageSize,
          messageSize + 1,
          plain.length,
        ),
      );
      await fc.assert(
        fc.asyncProperty(places, places, async (a, b) => {
          const [start, end] = [Math.min(a, b), Math.max(a, b)];
          const bytes = await decryptor.read(start, end - start);
          assert.equal(Buffer.compare(bytes, plain.subarray(start, end)), 0);
        }),
        { numRuns: 60 * loops },
      );
    });

    it("refuses ranges outside of the plaintext", async () => {
      const decryptor = await open(archive, nonces);
      await assert.rejects(decryptor.read(plain.length, 1), RangeError);
      await assert.rejects(decryptor.read(-1, 1), RangeError);
    });

    it("refuses an archive that is not as long as its header says", async () => {
      await assert.rejects(open(archive.subarray(0, -1), nonces), { problem: "truncated" });
      await assert.rejects(open(Buffer.concat([archive, Buffer.of(0)]), nonces), {
        problem: "damaged",
      });
    });

    it("says when the place it reads from gives too few bytes", async () => {
      const options = { head: archive.subarray(0, 512), keys, size: archive.length, nonces };
      const decryptor = await openRandomDecryptor({
        ...options,
        read: () => Promise.resolve(new Uint8Array(3)),
      });
      await assert.rejects(decryptor.read(0, 100), { problem: "truncated" });
    });

    it("asks for a password", async () => {
      const options = { head: archive.subarray(0, 512), size: archive.length, nonces };
      const read = () => Promise.resolve(new Uint8Array(0));
      const without = openRandomDecryptor({ ...options, keys: undefined, read });
      await assert.rejects(without, { problem: "password-needed" });
      const wrong = openRandomDecryptor({ ...options, keys: new PasswordKeys("wrong"), read });
      await assert.rejects(wrong, { problem: "wrong-password" });
    });
  });
}

describe("random access to a v3 archive", () => {
  let archive: Buffer;
  let nonces: Uint8Array;
  before(async () => {
    ({ archive, nonces } = encryptWhole(await createEncryptionContext(3, keys), plain));
  });

  it("authenticates what it reads, and only that", async () => {
    const damaged = Buffer.from(archive);
    damaged[2_000_000] = (damaged[2_000_000] ?? 0) ^ 1;
    const decryptor = await open(damaged, nonces);
    assert.equal((await decryptor.read(0, messageSize)).length, messageSize);
    await assert.rejects(decryptor.read(messageSize, 1), {
      problem: "damaged",
      facts: { message: 2, offset: 1_048_729 },
    });
  });

  it("refuses nonces that belong to another archive", async () => {
    await assert.rejects(open(archive, nonces.subarray(8)), { problem: "damaged" });
    const decryptor = await open(archive, randomBytes(nonces.length));
    await assert.rejects(decryptor.read(0, 1), { problem: "damaged" });
  });

  it("notices an archive that was cut and its header made to fit", async () => {
    const cut = archive.subarray(0, 136 + 2 * (messageSize + 17));
    cut.writeBigUInt64BE(BigInt(2 * messageSize), 16);
    const decryptor = await open(cut, nonces.subarray(0, 16));
    await assert.rejects(decryptor.read(messageSize, 1), { problem: "damaged" });
  });
});

describe("cipherRange", () => {
  it("names whole messages for v3", () => {
    const full = messageSize + 17;
    const size = messageSize + 100;
    assert.deepEqual(cipherRange("v3", { offset: 5, length: 10 }, size), {
      offset: 136,
      length: full,
      skip: 5,
      first: 0,
    });
    const across = cipherRange("v3", { offset: messageSize - 1, length: 2 }, size);
    assert.deepEqual(across, { offset: 136, length: full + 117, skip: messageSize - 1, first: 0 });
    const last = cipherRange("v3", { offset: messageSize, length: 100 }, size);
    assert.deepEqual(last, { offset: 136 + full, length: 117, skip: 0, first: 1 });
  });

  it("names whole blocks and the one before them for v1 and v2", () => {
    assert.deepEqual(cipherRange("v2", { offset: 0, length: 16 }, 100), {
      offset: 48,
      length: 16,
      skip: 0,
      first: 0,
    });
    assert.deepEqual(cipherRange("v2", { offset: 17, length: 15 }, 100), {
      offset: 48,
      length: 32,
      skip: 1,
      first: 1,
    });
    assert.deepEqual(cipherRange("v1", { offset: 40, length: 10 }, 64), {
      offset: 32,
      length: 48,
      skip: 8,
      first: 2,
    });
  });
});
