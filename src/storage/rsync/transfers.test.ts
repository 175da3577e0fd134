import { strict as assert } from "node:assert";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { lineFor } from "#test/places/line-for.ts";
import { noOwnMounts } from "#test/places/own-mounts.ts";
import { daemonPlaces, openRsync } from "#test/places/rsync-places.ts";
import { noRsync } from "#test/places/rsyncd.ts";
import { largeMegabytes, transferAlone } from "#test/places/transfer-alone.ts";
import {
  content,
  listed,
  readAll,
  rejectsWith,
  sameBytes,
  someBytes,
} from "../contract/objects.ts";
import type { Content } from "../provider.ts";

const { signal } = new AbortController();
const { skip, makePlace, rsyncd, spool } = daemonPlaces();

test(
  "a disk that is full is told, and nothing stays on it",
  { skip: noRsync || noOwnMounts },
  async (context) => {
    const { settings } = await makePlace(context, { module: "small", path: "" });
    const storage = openRsync(settings);
    const bytes = someBytes(12_000_000);
    await rejectsWith(storage.write("x", content(bytes), signal), "full");
    const size = bytes.length;
    let state: string | undefined;
    const keep = async (kept: string): Promise<void> => void (state = kept);
    const resume = { state, keep };
    await rejectsWith(storage.write("x", { ...content(bytes), size, resume }, signal), "full");
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    assert.notEqual(state, undefined);
  },
);

/** The object `x.tar` of these bytes, which goes on from a state; tells from where it was asked for. */
function resumable(bytes: Buffer, begun?: string) {
  const begins: number[] = [];
  const told = { state: begun, begins };
  const object = (): Content => ({
    size: bytes.length,
    resume: { state: told.state, keep: async (kept) => void (told.state = kept) },
    async *open(from = 0) {
      begins.push(from);
      yield bytes.subarray(from);
    },
  });
  return { told, object };
}

test(
  "a line that is cut is unreachable, nothing is seen of the object, and it goes on from there",
  { skip },
  async (context) => {
    const line = await lineFor(context, rsyncd().port);
    const { path, settings, storage } = await makePlace(context, { port: line.port });
    const bytes = someBytes(60_000_000);
    const { told, object } = resumable(bytes);
    const cutting = (async () => {
      while (line.sentBytes < 10_000_000) await pause(1);
      line.cut();
    })();
    await rejectsWith(storage.write("x.tar", object(), signal), "unreachable");
    await cutting;
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    const sent = line.sentBytes;
    await openRsync(settings).write("x.tar", object(), signal);
    const from = told.begins.at(-1) ?? 0;
    assert.ok(from > 1_000_000, `it began again at ${from}`);
    assert.ok(line.sentBytes - sent < bytes.length - from + 1_000_000);
    assert.deepEqual(await readFile(join(path, "x.tar")), bytes);
    assert.deepEqual(await readdir(join(path, ".safehouse/unfinished")), []);
  },
);

test(
  "what a process that was killed had begun goes on in another, also when it replaces something",
  { skip },
  async (context) => {
    const line = await lineFor(context, rsyncd().port);
    const { path, settings } = await makePlace(context, { port: line.port });
    const bytes = someBytes(40_000_000);
    const child = spawn(process.execPath, [uploader], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(child, "exit");
    const order = { kind: "rsync", settings, key: "x.tar", base64: bytes.toString("base64") };
    child.stdin.end(JSON.stringify(order));
    const [state] = (await once(child.stdout, "data")) as [Buffer];
    while (line.sentBytes < 10_000_000) await pause(1);
    line.fallSilent();
    child.kill("SIGKILL");
    await ended;
    line.cut();
    const storage = openRsync({ ...settings, port: rsyncd().port });
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    const old = await storage.write("x.tar", content(someBytes(bytes.length)), signal);
    const { told, object } = resumable(bytes, state.toString().trim());
    await rejectsWith(storage.write("x.tar", object(), signal), "already-exists");
    const stored = await storage.write("x.tar", { ...object(), overwrite: true }, signal);
    const [from = 0] = told.begins;
    assert.ok(from > 1_000_000, `it began again at ${from}`);
    assert.notEqual(stored.version, old.version);
    assert.deepEqual(await storage.stat("x.tar", signal), stored);
    assert.deepEqual(await readFile(join(path, "x.tar")), bytes);
    assert.deepEqual(await readdir(join(path, ".safehouse/unfinished")), []);
  },
);

const uploader = fileURLToPath(import.meta.resolve("#test/places/upload-child.ts"));

test("bytes are told as they leave, in one run or in several", { skip }, async (context) => {
  const { storage } = await makePlace(context);
  const bytes = someBytes(3_000_000);
  let told = 0;
  const sent = (count: number): void => void (told += count);
  await storage.write("x", { ...content(bytes), sent }, signal);
  assert.equal(told, bytes.length);
  const { object } = resumable(bytes);
  await storage.write("y", { ...object(), sent }, signal);
  assert.equal(told, 2 * bytes.length);
});

test(
  "a read whose line is cut is unreachable, and the next one is not",
  { skip },
  async (context) => {
    const line = await lineFor(context, rsyncd().port);
    const { storage } = await makePlace(context, { port: line.port });
    const bytes = someBytes(40_000_000);
    await storage.write("x", content(bytes), signal);
    const reading = (async () => {
      for await (const _ of await storage.read("x", undefined, signal)) line.cut();
    })();
    await rejectsWith(reading, "unreachable");
    assert.deepEqual(
      await readAll({ storage, signal }, "x", { offset: 39_000_000 }),
      bytes.subarray(39_000_000),
    );
  },
);

test("cancelling ends within seconds although the line is dead", { skip }, async (context) => {
  const line = await lineFor(context, rsyncd().port);
  const { storage } = await makePlace(context, { port: line.port });
  await storage.write("x", content("x"), signal);
  const cancel = new AbortController();
  const writer = await storage.openWrite("y", {}, cancel.signal);
  await writer.write(someBytes(1_000_000));
  line.fallSilent();
  const began = performance.now();
  const committing = writer.commit();
  const listing = Array.fromAsync(storage.list("", cancel.signal));
  await pause(100);
  cancel.abort();
  const aborted = { name: "AbortError" };
  await Promise.all([assert.rejects(committing, aborted), assert.rejects(listing, aborted)]);
  await writer.abort();
  assert.ok(performance.now() - began < 8000);
});

test(
  "an object of several slices arrives whole, and is read from any place",
  { skip },
  async (context) => {
    const own = join(spool(), "own");
    const { path, storage } = await makePlace(context, { spool: own });
    // Two slices and a bit, of pages that tell where they belong.
    const size = 300 * 1_048_576 + 7;
    const page = (at: number): Buffer => {
      const bytes = Buffer.alloc(1_048_576, at % 251);
      bytes.writeUInt32BE(at);
      return bytes;
    };
    async function* body() {
      for (let at = 0; at < 300; at += 1) yield page(at);
      yield Buffer.from("the end");
    }
    const stored = await storage.write("large.tar", { open: body, size }, signal);
    assert.equal(stored.size, size);
    assert.deepEqual(await readdir(join(path, ".safehouse/unfinished")), []);
    const source = await storage.open("large.tar", signal);
    try {
      for (const at of [299, 3, 4, 5, 150]) {
        assert.deepEqual(Buffer.from(await source.read(at * 1_048_576, 1_048_576)), page(at));
      }
      assert.equal(Buffer.from(await source.read(size - 7, 100)).toString(), "the end");
    } finally {
      await source.close();
    }
    assert.deepEqual(await readdir(own), []);
  },
);

test("what came meanwhile under the name of a large object stays", { skip }, async (context) => {
  const { path, storage } = await makePlace(context);
  await storage.write("first", content("x"), signal);
  await using writer = await storage.openWrite("x.tar", {}, signal);
  await writer.write(Buffer.alloc(129 * 1_048_576));
  await writeFile(join(path, "x.tar"), "theirs");
  await rejectsWith(writer.commit(), "already-exists");
  await writer.abort();
  assert.equal(await readFile(join(path, "x.tar"), "utf8"), "theirs");
  assert.deepEqual(await readdir(join(path, ".safehouse/unfinished")), []);
});

test(
  "a large object passes in little memory, and nothing holds the process up",
  { skip },
  async (context) => {
    const { settings } = await makePlace(context);
    const order = { kind: "rsync", settings, key: "large", megabytes: largeMegabytes };
    const { readBytes, peakBytes, stayedMs } = await transferAlone(order);
    assert.equal(readBytes, largeMegabytes * 1_048_576);
    assert.ok(peakBytes < 250e6, `${peakBytes} bytes were resident`);
    assert.ok(stayedMs < 5000, `it stayed for ${stayedMs} ms`);
  },
);

/** rsync as it is when it is ended in the middle of a write: what it wrote last is there twice. */
const doubling = `#!/bin/bash
case " $* " in *" --append "*) ;; *) exec "$REAL" "$@" ;; esac
folder="\${@: -1}"
again() {
  wait "$real"
  file=$(find "$folder" -type f)
  tail -c 262144 "$file" >> "$file"
  exit 20
}
trap again TERM
"$REAL" "$@" &
real=$!
wait "$real"
`;

test(
  "bytes that an rsync has written twice when it was ended are read once",
  { skip },
  async (context) => {
    const { storage } = await makePlace(context);
    const bytes = someBytes(48_000_000);
    await storage.write("x.tar", content(bytes), signal);
    const folder = await mkdtemp(join(tmpdir(), "safehouse-doubling-"));
    const { PATH = "" } = process.env;
    context.after(async () => {
      process.env["PATH"] = PATH;
      await rm(folder, { recursive: true });
    });
    const real = execFileSync("which", ["rsync"], { encoding: "utf8" }).trim();
    const file = join(folder, "rsync");
    await writeFile(file, doubling.replaceAll("$REAL", real), { mode: 0o700 });
    process.env["PATH"] = `${folder}:${PATH}`;
    const chunks: Uint8Array[] = [];
    for await (const chunk of await storage.read("x.tar", undefined, signal)) {
      chunks.push(chunk);
      await pause(20);
    }
    sameBytes(Buffer.concat(chunks), bytes);
  },
);
