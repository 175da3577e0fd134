import { strict as assert } from "node:assert";
import { execFile, spawnSync } from "node:child_process";
import type { IncomingMessage } from "node:http";
import { after, test } from "node:test";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { loops } from "#test/loops.ts";
import { HttpLine, type Decide, type Fate } from "#test/places/http-line.ts";
import { s3Storage, startVersity, type S3Bucket } from "#test/places/s3-server.ts";
import {
  content,
  listed,
  readAll,
  rejectsWith,
  sameBytes,
  someBytes,
} from "../contract/objects.ts";
import type { StorageProvider } from "../provider.ts";
import { stackStorage } from "../stack.ts";

const { signal } = new AbortController();
const { server, absent } = await startVersity();
after(() => server?.end());
const skip = absent;
const mebibyte = 1024 * 1024;
const size = 23 * mebibyte;
const bytes = someBytes(size);

/** A bucket, and a way to it on which things go wrong. */
async function behind(
  context: TestContext,
  decide: Decide,
): Promise<{
  readonly bucket: S3Bucket;
  readonly proxy: HttpLine;
  readonly frail: StorageProvider;
  readonly sound: StorageProvider;
}> {
  assert.ok(server !== undefined);
  const proxy = await HttpLine.to(server.port, decide);
  context.after(() => proxy[Symbol.asyncDispose]());
  const bucket = await server.makeBucket();
  const frail = s3Storage({ ...bucket, endpoint: proxy.endpoint }, { partSize: 5 });
  return { bucket, proxy, frail, sound: s3Storage(bucket, { partSize: 5 }) };
}

async function unfinished({ bucket }: S3Bucket): Promise<number> {
  const found = await server?.client().send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  return found?.Uploads?.length ?? 0;
}

/** A body that tells from where it was opened. */
function counted(): {
  readonly open: (from?: number) => AsyncIterable<Uint8Array>;
  readonly begins: number[];
} {
  const begins: number[] = [];
  return {
    begins,
    async *open(from = 0) {
      begins.push(from);
      for (let at = from; at < size; at += 65_536)
        yield bytes.subarray(at, Math.min(size, at + 65_536));
    },
  };
}

const isPart = (url: string | undefined): boolean => /partNumber=\d/.test(url ?? "");

test(
  "a line that breaks for good leaves nothing to see, and another process goes on from there",
  { skip },
  async (context) => {
    const { bucket, frail, sound } = await behind(context, ({ url }): Fate => {
      return /partNumber=[34]\b/.test(url ?? "") ? { cutBodyAt: 100_000 } : undefined;
    });
    let state: string | undefined;
    const keep = async (kept: string): Promise<void> => void (state = kept);
    const first = counted();
    const torn = frail.write("a.tar", { open: first.open, size, resume: { state, keep } }, signal);
    await rejectsWith(torn, "unreachable");
    assert.deepEqual(await listed({ storage: sound, signal }, ""), []);
    await rejectsWith(sound.stat("a.tar", signal), "not-found");
    assert.equal(await unfinished(bucket), 1);
    assert.doesNotMatch(state ?? "", /pä ß|AKIATEST/);
    const second = counted();
    await sound.write("a.tar", { open: second.open, size, resume: { state, keep } }, signal);
    assert.deepEqual(second.begins, [10 * mebibyte]);
    sameBytes(await readAll({ storage: sound, signal }, "a.tar"), bytes);
    assert.equal(await sound.matches?.("a.tar", counted().open, signal), true);
    assert.equal(await unfinished(bucket), 0);
  },
);

test(
  "where one part got stuck, only that and the last are sent once more",
  { skip },
  async (context) => {
    let isStuck = true;
    const { frail, proxy } = await behind(context, ({ url }): Fate => {
      if (!isStuck || !/partNumber=2\b/.test(url ?? "")) return undefined;
      isStuck = false;
      return { stallAt: 100_000 };
    });
    let state: string | undefined;
    const keep = async (kept: string): Promise<void> => void (state = kept);
    const resume = {
      get state() {
        return state;
      },
      keep,
    };
    const storage = stackStorage(frail, { stallSeconds: 1 });
    await storage.write("a.tar", { open: counted().open, size, resume }, signal);
    const parts = proxy.asked.flatMap(({ url = "" }) => /partNumber=(\d)/.exec(url)?.[1] ?? []);
    assert.deepEqual(parts.toSorted(), ["1", "2", "2", "3", "4", "5", "5"]);
    sameBytes(await readAll({ storage, signal }, "a.tar"), bytes);
  },
);

for (const [says, fate] of [
  ["says nothing", { stallAt: Infinity }],
  ["has said yes", undefined],
] as const) {
  test(
    `a server that ${says} while it still puts the parts together is asked once`,
    { skip },
    async (context) => {
      const isCompletion = ({ method, url = "" }: IncomingMessage): boolean =>
        method === "POST" && url.includes("uploadId=");
      let doneAt = 0;
      const { frail, proxy } = await behind(context, (request): Fate => {
        if (isCompletion(request)) {
          doneAt = performance.now() + 4000;
          return fate;
        }
        const isAtWork = performance.now() < doneAt;
        return isAtWork ? { status: 404, code: "NoSuchUpload" } : undefined;
      });
      const resume = { state: undefined, keep: async () => undefined };
      const storage = stackStorage(frail, { stallSeconds: 2 });
      await storage.write("a.tar", { open: counted().open, size, resume }, signal);
      assert.equal(proxy.asked.filter(isCompletion).length, 1);
      sameBytes(await readAll({ storage, signal }, "a.tar"), bytes);
    },
  );
}

test(
  "an upload that the server is still putting together is waited for, and not begun anew",
  { skip },
  async (context) => {
    let knownAgainAt = 0;
    const { frail, proxy } = await behind(context, ({ url = "", method }): Fate => {
      if (!/uploadId=/.test(url) || isPart(url)) return undefined;
      const isFirst = method === "POST" && knownAgainAt === 0;
      if (isFirst) knownAgainAt = performance.now() + 4000;
      if (isFirst) return "swallow";
      const isBusy = performance.now() < knownAgainAt;
      return isBusy ? { status: 404, code: "NoSuchUpload" } : undefined;
    });
    let state: string | undefined;
    const resume = {
      get state() {
        return state;
      },
      keep: async (kept: string): Promise<void> => void (state = kept),
    };
    const storage = stackStorage(frail, { stallSeconds: 2 });
    await storage.write("a.tar", { open: counted().open, size, resume }, signal);
    const parts = proxy.asked.flatMap(({ url = "" }) => /partNumber=(\d)/.exec(url)?.[1] ?? []);
    assert.deepEqual(parts.toSorted(), ["1", "2", "3", "4", "5", "5"]);
    sameBytes(await readAll({ storage, signal }, "a.tar"), bytes);
  },
);

test(
  "without going on later, a line that breaks for good leaves nothing at all",
  { skip },
  async (context) => {
    const { bucket, frail } = await behind(context, ({ url, method }): Fate => {
      return method === "PUT" && /partNumber=3\b/.test(url ?? "")
        ? { cutBodyAt: 100_000 }
        : undefined;
    });
    await rejectsWith(frail.write("a.tar", { ...content(bytes), size }, signal), "unreachable");
    assert.equal(await unfinished(bucket), 0);
  },
);

test(
  "a line that breaks now and then is put up with, in both directions",
  { skip },
  async (context) => {
    let asked = 0;
    const { frail } = await behind(context, ({ url, method }): Fate => {
      asked += 1;
      if (method === "GET")
        return asked % 2 === 0 ? { cutAnswerAt: 3 * mebibyte } : { cutAnswerAt: 7 * mebibyte };
      return isPart(url) && asked % 3 === 0 ? { cutBodyAt: mebibyte } : undefined;
    });
    await frail.write("a.tar", { ...content(bytes), size }, signal);
    sameBytes(await readAll({ storage: frail, signal }, "a.tar"), bytes);
    const range = { offset: 1_000_003, length: 12 * mebibyte };
    const expected = bytes.subarray(range.offset, range.offset + range.length);
    sameBytes(await readAll({ storage: frail, signal }, "a.tar", range), expected);
  },
);

test(
  "a request that was done although its answer was lost counts as done",
  { skip },
  async (context) => {
    const lost = new Set<string>();
    const { frail, bucket } = await behind(context, ({ url = "", method = "" }): Fate => {
      const isEnd =
        (method === "PUT" && !isPart(url)) || (method === "POST" && /uploadId=/.test(url));
      if (!isEnd || lost.has(url)) return undefined;
      lost.add(url);
      return "lose-answer";
    });
    await frail.write("small.tar", content("small"), signal);
    await frail.write("large.tar", { ...content(bytes), size }, signal);
    assert.equal(lost.size, 2);
    assert.equal((await frail.stat("large.tar", signal)).size, size);
    assert.equal(await unfinished(bucket), 0);
  },
);

test(
  "an upload that ended although nobody heard of it is not taken for somebody else's",
  { skip },
  async (context) => {
    const { sound } = await behind(context, () => undefined);
    let state: string | undefined;
    const keep = async (kept: string): Promise<void> => void (state = kept);
    await sound.write("a.tar", { open: counted().open, size, resume: { state, keep } }, signal);
    const again = counted();
    const content = { open: again.open, size, resume: { state, keep } };
    assert.equal((await sound.write("a.tar", content, signal)).size, size);
    assert.deepEqual(again.begins, []);
    const other = { ...content, resume: { state: undefined, keep } };
    await rejectsWith(sound.write("a.tar", other, signal), "already-exists");
  },
);

test(
  "an object that was replaced while it is read is not mixed with the new one",
  { skip },
  async (context) => {
    const { frail, sound } = await behind(context, ({ method }): Fate => {
      return method === "GET" ? { cutAnswerAt: mebibyte } : undefined;
    });
    await sound.write("a.tar", { ...content(bytes), size }, signal);
    const reading = async (): Promise<void> => {
      for await (const _ of await frail.read("a.tar", undefined, signal)) {
        await sound.write("a.tar", { ...content("new"), overwrite: true }, signal);
      }
    };
    await rejectsWith(reading(), "damaged");
  },
);

test(
  "cancelling leaves nothing, and ends also where the server has stopped answering",
  { skip },
  async (context) => {
    const { bucket, frail, sound } = await behind(context, () => undefined);
    for (const isDeaf of [false, true]) {
      const cancel = new AbortController();
      async function* open() {
        for (let at = 0; at < size; at += mebibyte) {
          yield bytes.subarray(at, at + mebibyte);
          if (at !== 12 * mebibyte) continue;
          if (isDeaf) server?.child.kill("SIGSTOP");
          setTimeout(() => cancel.abort(), 20);
        }
        await new Promise(() => undefined);
      }
      await assert.rejects(frail.write("a.tar", { open, size }, cancel.signal), {
        name: "AbortError",
      });
      // Only now, so that nobody can have waited for it.
      server?.child.kill("SIGCONT");
      assert.deepEqual(await listed({ storage: sound, signal }, ""), []);
      if (!isDeaf) assert.equal(await unfinished(bucket), 0);
    }
  },
);

test("cancelling a read ends it", { skip }, async (context) => {
  const { frail } = await behind(context, () => undefined);
  await frail.write("a.tar", { ...content(bytes), size }, signal);
  const cancel = new AbortController();
  const reading = async (): Promise<void> => {
    for await (const _ of await frail.read("a.tar", undefined, cancel.signal)) cancel.abort();
  };
  await assert.rejects(reading(), { name: "AbortError" });
});

test(
  "a server that goes away in the middle is unreachable, for writers and for readers",
  { skip },
  async (context) => {
    const { server: frail } = await startVersity();
    assert.ok(frail !== undefined);
    context.after(() => frail.end());
    const storage = s3Storage(await frail.makeBucket(), { partSize: 5 });
    await storage.write("there.tar", { ...content(bytes), size }, signal);
    async function* open() {
      yield bytes.subarray(0, 12 * mebibyte);
      frail?.child.kill("SIGKILL");
      yield bytes.subarray(12 * mebibyte);
    }
    const reading = await storage.read("there.tar", undefined, signal);
    await rejectsWith(storage.write("a.tar", { open, size }, signal), "unreachable");
    await rejectsWith(Array.fromAsync(reading), "unreachable");
    await rejectsWith(storage.stat("there.tar", signal), "unreachable");
  },
);

test("a slow line is no stall as long as bytes leave", { skip }, async (context) => {
  // A part takes four seconds.
  const { bucket, proxy } = await behind(context, ({ url }): Fate => {
    return isPart(url) ? { bytesPerSecond: 4 * mebibyte } : undefined;
  });
  const slow = s3Storage({ ...bucket, endpoint: proxy.endpoint }, { partSize: 16 });
  const told: number[] = [];
  const sent = (count: number): void => void told.push(count);
  const part = bytes.subarray(0, 16 * mebibyte + 1);
  const stacked = stackStorage(slow, { stallSeconds: 3 });
  await stacked.write("a.tar", { ...content(part), size: part.length, sent }, signal);
  assert.ok(Math.max(...told) <= 256 * 1024);
  assert.equal(
    told.reduce((sum, count) => sum + count, 0),
    part.length,
  );
});

test(
  "a server that knows nothing newer than MD5 is written to and compared with all the same",
  { skip },
  async (context) => {
    const { frail, sound, proxy } = await behind(context, ({ headers }): Fate => {
      const isNew = Object.keys(headers).some((name) =>
        /^x-amz-(sdk-)?checksum-|^if-none-match/.test(name),
      );
      const isAsked = headers["x-amz-checksum-mode"] !== undefined;
      return isNew && !isAsked ? { status: 501, code: "NotImplemented" } : undefined;
    });
    const other = Buffer.from(bytes);
    other[7] = 255 - (other[7] ?? 0);
    for (const [key, length] of [
      ["small.tar", 1000],
      ["large.tar", size],
    ] as const) {
      const part = bytes.subarray(0, length);
      await frail.write(key, { ...content(part), size: length }, signal);
      await rejectsWith(frail.write(key, content(part), signal), "already-exists");
      sameBytes(await readAll({ storage: sound, signal }, key), part);
      assert.equal(await frail.matches?.(key, content(part).open, signal), true);
      assert.equal(
        await frail.matches?.(key, content(other.subarray(0, length)).open, signal),
        false,
      );
      // Whoever has not seen what this server's ETags are proves nothing by them.
      assert.equal(
        await sound.matches?.(key, content(other.subarray(0, length)).open, signal),
        undefined,
      );
    }
    const withMd5 = proxy.asked.filter(({ headers }) => headers["content-md5"] !== undefined);
    assert.ok(withMd5.length >= 6);
  },
);

const mayMount = spawnSync("unshare", ["--mount", "true"]).status === 0;

test(
  "a disk that becomes full is told as such, and what was there stays",
  { skip: skip || (mayMount ? false : "absent: the right to mount") },
  async (context) => {
    const { server: small } = await startVersity({ diskMegabytes: 20 });
    assert.ok(small !== undefined);
    context.after(() => small.end());
    const bucket = await small.makeBucket();
    const storage = s3Storage(bucket, { partSize: 5 });
    await storage.write("kept.tar", content("kept"), signal);
    await rejectsWith(storage.write("large.tar", { ...content(bytes), size }, signal), "full");
    assert.deepEqual(
      (await listed({ storage, signal }, "")).map(({ key }) => key),
      ["kept.tar"],
    );
    const fits = bytes.subarray(0, 7 * mebibyte);
    await storage.write("fits.tar", { ...content(fits), size: fits.length }, signal);
    sameBytes(await readAll({ storage, signal }, "fits.tar"), fits);
  },
);

test("memory stays the same however large an object is", { skip }, async () => {
  assert.ok(server !== undefined);
  const child = fileURLToPath(import.meta.resolve("#test/places/s3-transfer-child.ts"));
  const settings = JSON.stringify(await server.makeBucket());
  const large = loops(1) > 1 ? 3 * 1024 ** 3 : 300 * mebibyte;
  const { stdout } = await promisify(execFile)(process.execPath, [child, settings, String(large)]);
  assert.ok(Number(stdout) < 250e6, `${stdout} bytes resident`);
});
