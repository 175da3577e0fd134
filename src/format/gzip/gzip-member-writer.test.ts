import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { after, test } from "node:test";
import { crc32, gunzipSync } from "node:zlib";
import { dataKinds, sampleData } from "#test/compressible-data.ts";
import { chunkSize } from "./chunk.ts";
import { DeflatePool } from "./deflate-pool.ts";
import { type GzipMemberResult, GzipMemberWriter } from "./gzip-member-writer.ts";
import { inflateChunk } from "./inflate-chunk.ts";

const pool = await DeflatePool.open({ threads: 2 });
after(() => pool[Symbol.asyncDispose]());

interface Member extends GzipMemberResult {
  readonly bytes: Buffer;
  readonly chunkStarts: readonly number[];
}

async function writeMember(data: Uint8Array, pieces = 100_003, fileName?: string): Promise<Member> {
  const emitted: Uint8Array[] = [];
  const writer = new GzipMemberWriter(pool, {
    emit: (bytes) => void emitted.push(bytes.slice()),
    ...(fileName === undefined ? {} : { fileName }),
  });
  for (let at = 0; at < data.length; at += pieces) {
    const waiting = writer.write(data.subarray(at, at + pieces));
    if (waiting) await waiting;
  }
  const result = await writer.end();
  return { ...result, bytes: Buffer.concat(emitted), chunkStarts: writer.chunkStarts };
}

const limits = { maxBuffer: 64 << 20 };

const run = (program: string, args: readonly string[], input: Uint8Array): Buffer =>
  execFileSync(program, args, { input, ...limits });

test("GNU gzip, Python and Node read what was written, of every kind of data", async () => {
  for (const kind of dataKinds) {
    const data = sampleData(kind, 3 * chunkSize + 12_345);
    const { bytes } = await writeMember(data);
    run("gzip", ["-t"], bytes);
    assert.ok(run("gzip", ["-dc"], bytes).equals(data), `${kind} by GNU gzip`);
    assert.ok(gunzipSync(bytes).equals(data), `${kind} by Node`);
    const python =
      "import gzip, sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))";
    assert.ok(run("python3", ["-c", python], bytes).equals(data), `${kind} by Python`);
  }
});

test("lengths around a chunk's and small ones are read back", async () => {
  const data = sampleData("mixed", 2 * chunkSize + 1);
  const around = [chunkSize, 2 * chunkSize].flatMap((length) => [length - 1, length, length + 1]);
  const small = Array.from({ length: 301 }, (_, length) => length);
  for (const length of [...small, ...around]) {
    const { bytes, size, crc32: checksum } = await writeMember(data.subarray(0, length));
    assert.ok(gunzipSync(bytes).equals(data.subarray(0, length)), `${length} bytes`);
    assert.equal(size, length);
    assert.equal(checksum, crc32(data.subarray(0, length)));
  }
});

test("Python's stream mode, which official readers use, reads to the end of the tar", async () => {
  const files = sampleData("mixed", 5 * chunkSize);
  const make = [
    "import io, sys, tarfile",
    "data = sys.stdin.buffer.read()",
    "with tarfile.open(fileobj=sys.stdout.buffer, mode='w|') as tar:",
    "    for n in range(5):",
    "        info = tarfile.TarInfo(f'file-{n}'); info.size = len(data) // 5",
    "        tar.addfile(info, io.BytesIO(data[n * info.size:]))",
  ].join("\n");
  const read = [
    "import sys, tarfile, zlib",
    "crc = 0",
    "with tarfile.open(fileobj=sys.stdin.buffer, mode='r|gz') as tar:",
    "    for member in tar: crc = zlib.crc32(tar.extractfile(member).read(), crc)",
    "print(crc)",
  ].join("\n");
  const { bytes } = await writeMember(run("python3", ["-c", make], files), 10_240, "");
  assert.equal(run("python3", ["-c", read], bytes).toString(), `${crc32(files)}\n`);
});

test("each chunk inflates alone from where it starts", async () => {
  const data = sampleData("mixed", 4 * chunkSize + 777);
  const { bytes, chunkStarts, compressedSize } = await writeMember(data);
  assert.equal(compressedSize, bytes.length);
  assert.equal(chunkStarts.length, 5);
  const ends = [...chunkStarts.slice(1), compressedSize];
  await Promise.all(
    chunkStarts.map(async (start, n) => {
      const chunk = await inflateChunk(bytes.subarray(start, ends[n]), chunkSize);
      const expected = data.subarray(n * chunkSize, (n + 1) * chunkSize);
      assert.equal(Buffer.compare(expected, chunk), 0);
    }),
  );
});

test("the same content gives the same bytes, however it is cut", async () => {
  const data = sampleData("mixed", 2 * chunkSize + 5);
  const whole = await writeMember(data, data.length);
  for (const pieces of [4096, 65_537, chunkSize]) {
    assert.ok((await writeMember(data, pieces)).bytes.equals(whole.bytes), `pieces of ${pieces}`);
  }
});

test("the file name stands in the header when its characters fit", async () => {
  const named = await writeMember(Buffer.from("x"), 1, "café.tar");
  assert.equal(named.bytes.toString("latin1", 10, 18), "café.tar");
  assert.equal(named.bytes[3], 8);
  assert.equal(named.chunkStarts[0], 19);
  run("gzip", ["-t"], named.bytes);
  const empty = await writeMember(Buffer.from("x"), 1, "");
  assert.deepEqual([empty.bytes[3], empty.bytes[10]], [8, 0]);
  const impossible = await writeMember(Buffer.from("x"), 1, "日本.tar");
  assert.equal(impossible.bytes[3], 0);
});

test("an empty member has no chunks", async () => {
  const { bytes, chunkStarts, size } = await writeMember(new Uint8Array());
  assert.equal(gunzipSync(bytes).length, 0);
  assert.deepEqual({ chunkStarts, size }, { chunkStarts: [], size: 0 });
});

test("a write returns nothing while there is room", () => {
  const writer = new GzipMemberWriter(pool, { emit: () => undefined });
  assert.equal(writer.write(new Uint8Array(1000)), undefined);
});

test("a slow receiver slows the writer down: chunks in flight are bounded", async () => {
  const gate = Promise.withResolvers<void>();
  let emitted = 0;
  const writer = new GzipMemberWriter(pool, {
    emit: async (bytes) => {
      await gate.promise;
      emitted += bytes.length;
    },
  });
  const chunk = new Uint8Array(chunkSize);
  let accepted = 0;
  const writing = (async (): Promise<void> => {
    for (; accepted < 40; accepted += 1) await writer.write(chunk);
  })();
  await pause(50);
  assert.ok(accepted <= 2 * pool.threads + 2, `${accepted} chunks accepted`);
  gate.resolve();
  await writing;
  assert.equal((await writer.end()).compressedSize, emitted);
});

test("later chunks are compressed while an earlier one is being emitted", async () => {
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  const writer = new GzipMemberWriter(pool, {
    emit: () => {
      calls += 1;
      return calls === 2 ? gate.promise : undefined;
    },
  });
  await writer.write(new Uint8Array(3 * chunkSize));
  await pause(50);
  assert.equal(calls, 2);
  gate.resolve();
  await writer.end();
  assert.equal(calls, 5);
});

test("emit is never called before its last call has settled", async () => {
  let busy = false;
  const sizes: number[] = [];
  const writer = new GzipMemberWriter(pool, {
    emit: async (bytes) => {
      assert.equal(busy, false);
      busy = true;
      sizes.push(bytes.length);
      await pause(1);
      busy = false;
    },
  });
  await writer.write(sampleData("mixed", 8 * chunkSize));
  const { compressedSize } = await writer.end();
  assert.equal(sizes.length, 10);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    compressedSize,
  );
});

test("an error of emit rejects the writes that follow and the end", async () => {
  for (const failing of [1, 2, 4]) {
    let calls = 0;
    const writer = new GzipMemberWriter(pool, {
      emit: () => {
        calls += 1;
        if (calls >= failing) throw new Error(`no space ${calls}`);
      },
    });
    const message = { message: `no space ${failing}` };
    await assert.rejects(async () => {
      for (let n = 0; n < 50; n += 1) await writer.write(new Uint8Array(chunkSize));
    }, message);
    await assert.rejects(writer.end(), message);
    assert.equal(calls, failing);
  }
});

test("a thread that dies rejects the end", async () => {
  const code = `import { parentPort } from "node:worker_threads";
    parentPort.postMessage({ kind: "ready" });
    parentPort.on("message", () => { throw new Error("boom"); });`;
  const script = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  await using dying = await DeflatePool.open({ threads: 1, script });
  const writer = new GzipMemberWriter(dying, { emit: () => undefined });
  assert.equal(writer.write(new Uint8Array(2 * chunkSize)), undefined);
  await assert.rejects(writer.end(), /stopped unexpectedly/);
});
