import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { constants, deflateRawSync, gzipSync, crc32 } from "node:zlib";
import fc from "fast-check";
import { SafehouseError } from "#core/model/problem.ts";
import { sampleData } from "#test/compressible-data.ts";
import { combineCrc32 } from "./crc32-combine.ts";
import { gunzip, type GunzipOptions } from "./gunzip.ts";

const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1);

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpack(bytes: Uint8Array, size = 65_536, options?: GunzipOptions): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(gunzip(inPieces(bytes, size), options)));
}

/** The content, or the problem that came instead. */
async function outcome(bytes: Uint8Array, size?: number): Promise<Buffer | string> {
  try {
    return await unpack(bytes, size);
  } catch (error) {
    if (error instanceof SafehouseError) return error.problem;
    throw error;
  }
}

const text = Buffer.from("Ein Haus, ein Archiv, ein Passwort; ein Haus, ein Archiv. ".repeat(3));
const small = gzipSync(text);

/** A header with everything that RFC 1952 allows. */
function withFullHeader(): Buffer {
  const flags = 0x02 | 0x04 | 0x08 | 0x10;
  const fixed = Buffer.from([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 2, 3]);
  const extra = Buffer.from([5, 0, 9, 9, 9, 9, 9]);
  const header = Buffer.concat([fixed, extra, Buffer.from("name.tar\0a comment\0")]);
  const checksum = Buffer.alloc(2);
  checksum.writeUInt16LE(crc32(header) & 0xffff);
  return Buffer.concat([header, checksum, small.subarray(10)]);
}

describe("gunzip reads", () => {
  test("a member whole, in odd pieces and byte by byte", async () => {
    const data = sampleData("mixed", 20_000);
    const bytes = gzipSync(data);
    for (const size of [1, 2, 7, 1000, 65_537, bytes.length]) {
      assert.ok((await unpack(bytes, size)).equals(data), `pieces of ${size}`);
    }
  });

  test("members that were made of any bytes and come in any pieces", async () => {
    const property = fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 2000 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 3000 }),
      async (members, size) => {
        const bytes = Buffer.concat(members.map((member) => gzipSync(member)));
        assert.ok((await unpack(bytes, size)).equals(Buffer.concat(members)));
      },
    );
    await fc.assert(property, { numRuns: 60 * loops });
  });

  test("every field of a header", async () => {
    for (const size of [1, 3, 1000]) assert.deepEqual(await unpack(withFullHeader(), size), text);
  });

  test("zero bytes after a member, and a member after them", async () => {
    const zeros = Buffer.alloc(10_000);
    for (const size of [1, 4096, 100_000]) {
      assert.deepEqual(await unpack(Buffer.concat([small, zeros]), size), text);
      const twice = await unpack(Buffer.concat([small, zeros, small]), size);
      assert.deepEqual(twice, Buffer.concat([text, text]));
    }
  });

  test("empty pieces as nothing", async () => {
    async function* input(): AsyncGenerator<Uint8Array> {
      for await (const piece of inPieces(small, 5)) yield* [new Uint8Array(), piece];
    }
    assert.deepEqual(Buffer.concat(await Array.fromAsync(gunzip(input()))), text);
  });
});

describe("gunzip refuses", () => {
  test("a member that ends too early, wherever", async () => {
    for (const whole of [small, withFullHeader()]) {
      for (let end = 0; end < whole.length; end += 1) {
        assert.equal(await outcome(whole.subarray(0, end)), "truncated", `${end} bytes`);
        assert.equal(
          await outcome(whole.subarray(0, end), 1),
          "truncated",
          `${end} bytes, one by one`,
        );
      }
    }
  });

  test("a changed byte, unless nothing depends on it", async () => {
    for (let at = 0; at < small.length; at += 1) {
      for (const mask of [0x01, 0x10, 0x80, 0xff]) {
        const bytes = Buffer.from(small);
        bytes[at] = (bytes[at] ?? 0) ^ mask;
        const result = await outcome(bytes);
        const harmless = typeof result !== "string" && result.equals(text);
        // Flags, time, extra flags and system of the header are protected by nothing, nor are the bits
        // that fill the last byte of deflate; and another distance may lead to the same bytes.
        if (at < 3 || at >= small.length - 8) assert.ok(!harmless, `byte ${at}`);
        assert.ok(
          harmless || result === "damaged" || result === "truncated",
          `byte ${at}: ${String(result)}`,
        );
      }
    }
  });

  test("a header that does not match its checksum", async () => {
    const bytes = withFullHeader();
    for (let at = 4; at < 37; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x20;
      const result = await outcome(changed);
      assert.ok(result === "damaged" || result === "truncated", `byte ${at}: ${String(result)}`);
    }
  });

  test("other bytes behind the member", async () => {
    for (const size of [1, 1000]) {
      assert.equal(await outcome(Buffer.concat([small, Buffer.from("x")]), size), "damaged");
      assert.equal(
        await outcome(Buffer.concat([small, Buffer.alloc(20), Buffer.from("x")]), size),
        "damaged",
      );
      assert.equal(
        await outcome(Buffer.concat([small, Buffer.from([0x1f, 0x8c])]), size),
        "damaged",
      );
      assert.equal(await outcome(Buffer.concat([small, Buffer.from([0x1f])]), size), "truncated");
    }
  });

  test("what is no gzip", async () => {
    assert.equal(await outcome(Buffer.from("ustar is no gzip")), "damaged");
  });

  test("a name without end, without holding it", async () => {
    const header = Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 255]);
    assert.equal(await outcome(Buffer.concat([header, Buffer.alloc(200_000, "n")])), "damaged");
  });
});

test("an error of the input comes through as it is", async () => {
  const failure = new SafehouseError("unreachable", "The place does not answer");
  async function* input(): AsyncGenerator<Uint8Array> {
    yield small.subarray(0, 20);
    throw failure;
  }
  await assert.rejects(Array.fromAsync(gunzip(input())), (error) => error === failure);
});

test("closing the output closes the input", async () => {
  let closed = false;
  async function* input(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield* inPieces(gzipSync(sampleData("random", 200_000)), 10_000);
    } finally {
      closed = true;
    }
  }
  for await (const piece of gunzip(input())) {
    assert.ok(piece.length > 0);
    break;
  }
  assert.ok(closed);
});

test("half a gigabyte of zeros flows by in little memory, and only as it is taken", async () => {
  const size = 2 ** 29;
  const block = deflateRawSync(new Uint8Array(1 << 20), { finishFlush: constants.Z_FULL_FLUSH });
  const zeros = new Uint8Array(1 << 20);
  let checksum = crc32(zeros);
  for (let n = zeros.length; n < size; n *= 2) checksum = combineCrc32(checksum, checksum, n);
  const trailer = Buffer.alloc(10);
  trailer[0] = 3;
  trailer.writeUInt32LE(checksum, 2);
  trailer.writeUInt32LE(size % 2 ** 32, 6);
  const body = Buffer.concat(Array.from({ length: size / zeros.length }, () => block));
  const bomb = Buffer.concat([small.subarray(0, 10), body, trailer]);
  const before = process.memoryUsage().rss;
  let highest = 0;
  let total = 0;
  for await (const piece of gunzip(inPieces(bomb, bomb.length))) {
    total += piece.length;
    if (total % (64 << 20) === 0) highest = Math.max(highest, process.memoryUsage().rss - before);
  }
  assert.equal(total, size);
  assert.ok(highest < 150 << 20, `${highest >> 20} MiB more`);
});

test("what was yielded is not written to again", async () => {
  const data = sampleData("text", 3_000_000);
  const pieces = await Array.fromAsync(gunzip(inPieces(gzipSync(data), 1000)));
  assert.ok(Buffer.concat(pieces).equals(data));
});

describe("the trailer of SecureTar version 1", () => {
  const padding = Buffer.alloc(12, 12);
  const legacy = (deflatePadding: number): Buffer =>
    Buffer.concat([
      small.subarray(0, -8),
      Buffer.alloc(deflatePadding, deflatePadding),
      small.subarray(-8, -4),
      padding,
      small.subarray(-4),
      padding,
    ]);
  const options = { legacyTrailer: true };

  test("is read with any padding before it", async () => {
    for (let length = 0; length < 16; length += 1) {
      for (const size of [1, 16, 1000]) {
        assert.deepEqual(await unpack(legacy(length), size, options), text);
      }
    }
  });

  test("proves the content", async () => {
    for (const at of [-32, -29, -16, -13, -28, -1]) {
      const bytes = legacy(5);
      const place = bytes.length + at;
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      await assert.rejects(unpack(bytes, 100, options), { problem: "damaged" }, `byte ${at}`);
    }
  });

  test("has a bounded length", async () => {
    await assert.rejects(unpack(legacy(10).subarray(0, -8), 100, options), { problem: "damaged" });
    await assert.rejects(unpack(legacy(0).subarray(0, -8), 100, options), { problem: "truncated" });
    await assert.rejects(unpack(Buffer.concat([legacy(7), text]), 100, options), {
      problem: "damaged",
    });
  });

  test("is needed: an ordinary reader finds it damaged", async () => {
    assert.equal(await outcome(legacy(3)), "damaged");
  });
});

test("reads what GNU gzip and Python wrote", async () => {
  const program = await readFile(new URL("./gunzip.ts", import.meta.url));
  const byGzip = execFileSync("gzip", ["-9c"], { input: program });
  assert.ok((await unpack(byGzip)).equals(program));
  const python =
    "import gzip, sys; sys.stdout.buffer.write(gzip.compress(sys.stdin.buffer.read()))";
  const byPython = execFileSync("python3", ["-c", python], { input: program });
  assert.ok((await unpack(byPython)).equals(program));
});
