import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import { decryptWhole, encryptWhole } from "#test/secure-tar.ts";
import type { Problem } from "#core/model/problem.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { createEncryptionContext } from "./encryption-context.ts";
import { sizeField, writeHeader } from "./header.ts";
import { openDecryptor } from "./open-decryptor.ts";
import { PasswordKeys } from "./password-keys.ts";
import { messageSize, messageTag, SecretStream } from "./secret-stream.ts";
import { subkey } from "./subkey.ts";

const keys = new PasswordKeys("correct horse");
const content = Buffer.concat([Buffer.of(0x1f, 0x8b, 8), randomBytes(97)]);

async function problemOf(
  archive: Uint8Array,
  lengths: readonly number[] = [],
): Promise<Problem | "none"> {
  try {
    await decryptWhole(archive, keys, lengths);
    return "none";
  } catch (error) {
    if (error instanceof SafehouseError) return error.problem;
    throw error;
  }
}

function flipped(archive: Uint8Array, at: number, bit: number): Uint8Array {
  const changed = Uint8Array.from(archive);
  changed[at] = (changed[at] ?? 0) ^ (1 << bit);
  return changed;
}

function withSize(archive: Uint8Array, plainSize: number): Uint8Array {
  const changed = Uint8Array.from(archive);
  changed.set(sizeField(plainSize).bytes, 16);
  return changed;
}

/** A v3 archive of messages that are sealed as the test wants them. */
async function sealed(
  messages: readonly (readonly [Uint8Array, number])[],
  plainSize: number,
): Promise<Buffer> {
  const [salt, start] = [Buffer.alloc(16, 7), Buffer.alloc(24, 9)];
  const rootKey = await keys.rootKey(salt);
  const header = writeHeader(3, plainSize, [salt, salt, subkey(rootKey, salt), salt, start]);
  const stream = new SecretStream(subkey(rootKey, salt), start);
  const pieces = messages.flatMap(([bytes, tag]) => {
    const message = stream.begin();
    message.add(bytes);
    return stream.seal(message, tag);
  });
  return Buffer.concat([header, ...pieces]);
}

describe("a damaged v3 archive", () => {
  let archive: Uint8Array;
  before(async () => {
    archive = encryptWhole(await createEncryptionContext(3, keys), content).archive;
  });

  it("is noticed at every single byte but the eight that are reserved", async () => {
    for (let at = 0; at < archive.length; at += 1) {
      const problem = await problemOf(flipped(archive, at, at % 8));
      if (at < 16)
        assert.ok(
          problem === "unknown-version" || problem === "wrong-password",
          `byte ${at}: ${problem}`,
        );
      else if (at < 24) assert.equal(problem, "damaged", `size, byte ${at}`);
      else if (at < 32) assert.equal(problem, "none", `reserved, byte ${at}`);
      else if (at < 96)
        assert.equal(problem, "wrong-password", `salts and validation key, byte ${at}`);
      else assert.equal(problem, "damaged", `byte ${at}`);
    }
  });

  it("is truncated at every length but the whole", async () => {
    for (let length = 0; length < archive.length; length += 1) {
      assert.equal(await problemOf(archive.subarray(0, length)), "truncated", `${length} bytes`);
    }
  });

  it("gives the messages before the damage and names the one that is damaged", async () => {
    const context = await createEncryptionContext(3, keys);
    const { archive: large } = encryptWhole(context, Buffer.alloc(3 * messageSize));
    const offset = 136 + 2 * (messageSize + 17);
    const damaged = flipped(large, offset + 5000, 0);
    const decryptor = await openDecryptor({ kind: "v3" }, damaged.subarray(0, 512), keys);
    assert.deepEqual(
      decryptor.push(damaged.subarray(136, offset)).map((piece) => piece.length),
      [messageSize, messageSize],
    );
    assert.throws(() => decryptor.push(damaged.subarray(offset)), {
      problem: "damaged",
      facts: { message: 3, offset },
    });
  });

  it("is truncated where whole messages are missing at its end", async () => {
    const { archive: large } = encryptWhole(
      await createEncryptionContext(3, keys),
      Buffer.alloc(3 * messageSize),
    );
    assert.equal(
      await problemOf(large.subarray(0, 136 + 2 * (messageSize + 17)), [100_000]),
      "truncated",
    );
    assert.equal(
      await problemOf(large.subarray(0, 136 + 2 * (messageSize + 17) + 500)),
      "truncated",
    );
  });

  it("cannot swap, drop or repeat messages", async () => {
    const { archive: large } = encryptWhole(
      await createEncryptionContext(3, keys),
      Buffer.alloc(3 * messageSize),
    );
    const header = large.subarray(0, 136);
    const full = messageSize + 17;
    const [first, second, third] = [0, 1, 2].map((n) =>
      large.subarray(136 + n * full, 136 + (n + 1) * full),
    );
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    for (const order of [
      [second, first, third],
      [first, third],
      [first, first, second, third],
    ]) {
      assert.equal(await problemOf(Buffer.concat([header, ...order])), "damaged");
    }
  });

  it("is noticed by a final message that comes too early", async () => {
    const full = Buffer.alloc(messageSize);
    const { message, final } = messageTag;
    const early = await sealed(
      [
        [full, final],
        [content, final],
      ],
      messageSize + content.length,
    );
    assert.equal(await problemOf(early), "damaged");
    assert.equal(await problemOf(early, [1000]), "damaged");
    const short = await sealed([[full, final]], 2 * messageSize);
    assert.equal(await problemOf(short), "damaged");
    assert.equal(
      await problemOf(
        await sealed(
          [
            [full, message],
            [content, final],
          ],
          messageSize + 100,
        ),
      ),
      "none",
    );
  });

  it("is noticed by a final message that never comes", async () => {
    const full = Buffer.alloc(messageSize);
    assert.equal(
      await problemOf(await sealed([[full, messageTag.message]], messageSize)),
      "damaged",
    );
    assert.equal(
      await problemOf(await sealed([[content, messageTag.message]], content.length)),
      "damaged",
    );
  });

  it("may not hold messages of another kind", async () => {
    assert.equal(
      await problemOf(await sealed([[Buffer.alloc(messageSize), 2]], messageSize)),
      "damaged",
    );
  });

  it("may not go on after its end", async () => {
    const plain = Buffer.alloc(messageSize);
    const whole = await sealed([[plain, messageTag.final]], messageSize);
    assert.equal(await problemOf(Buffer.concat([whole, Buffer.of(0)])), "damaged");
    assert.equal(await problemOf(Buffer.concat([archive, Buffer.of(0)])), "damaged");
  });

  it("was never finished if its header says 0 bytes", async () => {
    await assert.rejects(decryptWhole(withSize(archive, 0), keys), {
      problem: "truncated",
      message: /never finished/u,
    });
    const { archive: large } = encryptWhole(
      await createEncryptionContext(3, keys),
      Buffer.alloc(2 * messageSize),
    );
    const broken = withSize(large, 0).subarray(0, 136 + messageSize + 17);
    await assert.rejects(decryptWhole(broken, keys), {
      problem: "truncated",
      message: /never finished/u,
    });
  });

  it("may not say a size beyond all sizes", async () => {
    const absurd = Uint8Array.from(archive);
    absurd.fill(0xff, 16, 24);
    assert.equal(await problemOf(absurd), "damaged");
  });
});

describe("a damaged v2 archive", () => {
  let archive: Uint8Array;
  before(async () => {
    archive = encryptWhole(await createEncryptionContext(2, keys), content).archive;
  });

  it("is noticed only at its beginning, in its size and in its padding", async () => {
    const unnoticed: number[] = [];
    for (let at = 0; at < archive.length; at += 1) {
      const problem = await problemOf(flipped(archive, at, at % 8));
      if (problem === "none") unnoticed.push(at);
      if (at >= 16 && at < 24)
        assert.ok(problem === "damaged" || problem === "truncated", `size, byte ${at}`);
    }
    const last = archive.length - 16;
    assert.ok([0, 8, 9, 16, 23, 32, 47, 48, 63].every((at) => !unnoticed.includes(at)));
    assert.ok([24, 31, 64, 100, last - 17].every((at) => unnoticed.includes(at)));
  });

  it("is truncated at every length but the whole", async () => {
    for (let length = 0; length < archive.length; length += 1) {
      assert.equal(await problemOf(archive.subarray(0, length)), "truncated", `${length} bytes`);
    }
  });

  it("is damaged when its padding is", async () => {
    assert.equal(await problemOf(flipped(archive, archive.length - 17, 7)), "damaged");
  });

  it("may not be longer than its header says", async () => {
    assert.equal(await problemOf(Buffer.concat([archive, Buffer.alloc(16)])), "damaged");
  });

  it("was never finished if its header says 0 bytes", async () => {
    const unfinished = withSize(archive, 0);
    await assert.rejects(decryptWhole(unfinished, keys), {
      problem: "truncated",
      message: /never finished/u,
    });
  });
});
