import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { SafehouseError } from "#core/model/problem.ts";
import { dataKinds, sampleData } from "#test/compressible-data.ts";
import { chunkSize, compressedBound } from "./chunk.ts";
import type { DeflateEngine, DeflateEngineName } from "./deflate-engine.ts";
import { openDeflateEngine } from "./open-deflate-engine.ts";

const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1);
const names: readonly DeflateEngineName[] = ["wasm", "zlib", "isal"];
const finalBlock = Uint8Array.of(0x03, 0x00);
const syncMarker = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

async function openIfPresent(name: DeflateEngineName): Promise<DeflateEngine | undefined> {
  try {
    return await openDeflateEngine(name);
  } catch (error) {
    if (!(error instanceof SafehouseError)) throw error;
    assert.equal(error.problem, "unsupported");
    assert.match(error.advice ?? "", /libisal2/);
    return undefined;
  }
}

for (const name of names) {
  const engine = await openIfPresent(name);
  const skip = engine === undefined && "libisal.so.2 is absent";
  const compress = (input: Uint8Array): Uint8Array => {
    const output = new Uint8Array(compressedBound(input.length));
    return output.slice(0, engine?.(input, output));
  };
  const roundTrip = (input: Uint8Array): Uint8Array => {
    const compressed = compress(input);
    assert.deepEqual(compressed.slice(-4), syncMarker);
    const output = inflateRawSync(Buffer.concat([compressed, finalBlock]));
    assert.ok(Buffer.from(input).equals(output), `${input.length} bytes come back as they were`);
    return compressed;
  };

  describe(`the ${name} engine`, { skip }, () => {
    for (const kind of dataKinds) {
      test(`gives back ${kind} data of many lengths`, () => {
        const whole = sampleData(kind, chunkSize);
        for (let length = 0; length <= 300; length += 1) roundTrip(whole.subarray(0, length));
        for (const length of [4096, 65_535, 65_536, 131_071, chunkSize - 1, chunkSize]) {
          roundTrip(whole.subarray(0, length));
        }
      });
    }

    test("gives back runs of symbols, whatever their order", () => {
      const run = fc.tuple(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 400 }),
      );
      fc.assert(
        fc.property(fc.array(run, { maxLength: 60 }), (runs) => {
          roundTrip(Buffer.concat(runs.map(([bytes, times]) => Buffer.alloc(times * 3, bytes))));
        }),
        { numRuns: 150 * loops },
      );
    });

    test("gives back data of any skew, to code lengths of 15 bits", () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 200_000 }),
          fc.double({ min: 0.05, max: 40, noNaN: true }),
          skewed,
        ),
        { numRuns: 30 * loops },
      );
      function skewed(length: number, skew: number): void {
        let state = length;
        const data = Uint8Array.from({ length }, () => {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          return 255 * (state / 2 ** 32) ** skew;
        });
        roundTrip(data);
      }
    });

    test("gives back symbols whose counts grow as Fibonacci's numbers", () => {
      // The deepest Huffman tree there is: without a limit its codes would be longer than 15 bits.
      const counts = [1, 1];
      while (counts.length < 25) counts.push((counts.at(-1) ?? 0) + (counts.at(-2) ?? 0));
      const data = Buffer.concat(counts.map((count, symbol) => Buffer.alloc(count, symbol * 9)));
      const shuffled = Buffer.from(data.map((_, i) => data[(i * 75_011) % data.length] ?? 0));
      roundTrip(shuffled.subarray(0, chunkSize));
    });

    test("ends where the input ends after a long row of literals", () => {
      // Steps grow while nothing matches; the last one led beyond the end.
      for (const length of [16_384, 49_152]) {
        const data = Uint8Array.from({ length: length + 30 }, (_, i) =>
          Math.sqrt((i * 7919) % 63_001),
        );
        for (let more = 0; more <= 30; more += 1) roundTrip(data.subarray(0, length + more));
      }
    });

    test("gives the same bytes whatever was compressed before", () => {
      const input = sampleData("mixed", 300_000);
      const first = compress(input);
      compress(sampleData("text", chunkSize));
      compress(sampleData("random", chunkSize));
      assert.deepEqual(compress(input), first);
    });

    test("hardly lets data grow that does not compress", () => {
      const compressed = roundTrip(sampleData("random", chunkSize));
      assert.ok(compressed.length < chunkSize + 600, `${compressed.length}`);
    });
  });
}

test("the wasm engine refuses more than one chunk", async () => {
  const engine = await openDeflateEngine("wasm");
  const tooMuch = new Uint8Array(chunkSize + 1);
  assert.throws(() => engine(tooMuch, new Uint8Array(2 * chunkSize)), RangeError);
});

test("the wasm engine finds that random data repeats", async () => {
  const engine = await openDeflateEngine("wasm");
  const random = sampleData("random", 20_000);
  const input = Buffer.concat(Array.from({ length: 5 }, () => random));
  assert.ok(engine(input, new Uint8Array(compressedBound(input.length))) < 1.5 * random.length);
});

test("the wasm engine makes text and databases not much larger than zlib does", async () => {
  const engine = await openDeflateEngine("wasm");
  const zlib = await openDeflateEngine("zlib");
  const output = new Uint8Array(compressedBound(chunkSize));
  for (const kind of ["text", "database"] as const) {
    const input = sampleData(kind, chunkSize);
    const [own, best] = [engine(input, output), zlib(input, output)];
    assert.ok(own < 1.3 * best, `${kind}: ${own} bytes, zlib ${best}`);
  }
});
