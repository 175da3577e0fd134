import { strict as assert } from "node:assert";
import { test } from "node:test";
import { manyBytes } from "#test/places/many-bytes.ts";
import { content, listed, readAll, rejectsWith } from "../contract/objects.ts";
import { WebdavStorage } from "./provider.ts";
import { parseWebdavSettings } from "./settings.ts";
import { loops } from "#test/loops.ts";
import {
  bodyOf,
  mebibyte,
  nextcloud,
  remembering,
  requests,
} from "#test/places/nextcloud-place.ts";
import { transfer } from "#test/places/transfer.ts";

const { signal } = new AbortController();

test("a big object goes up in chunks, in their order, below the id of the user", async (context) => {
  const { server, storage } = await nextcloud(context);
  const bytes = manyBytes(23 * mebibyte);
  const { open } = bodyOf(bytes);
  await storage.write("a b/big.tar", { open, size: bytes.length }, signal);
  const chunks = requests(server, "PUT").filter((path) =>
    path.includes("/dav/uploads/anna müller/"),
  );
  assert.deepEqual(
    chunks.map((path) => path.split("/").at(-1)),
    ["00001", "00002", "00003"],
  );
  assert.ok((await readAll({ storage, signal }, "a b/big.tar")).equals(bytes));
  assert.deepEqual(await server.uploads(), []);
});

test("an object of unknown length goes up in chunks too", async (context) => {
  const { server, storage } = await nextcloud(context);
  const bytes = manyBytes(21 * mebibyte + 17);
  await using writer = await storage.openWrite("grown.tar", {}, signal);
  for (let at = 0; at < bytes.length; at += 300_000) {
    const lent = Buffer.from(bytes.subarray(at, at + 300_000));
    await writer.write(lent);
    lent.fill(0xff);
  }
  assert.equal((await writer.commit()).size, bytes.length);
  assert.ok((await readAll({ storage, signal }, "grown.tar")).equals(bytes));
  assert.equal(requests(server, "PUT").length, 5);
});

test("connections that break in the middle cost single chunks and no upload", async (context) => {
  const { server, storage } = await nextcloud(context);
  const bytes = manyBytes(31 * mebibyte);
  let sent = 0;
  async function* open(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bodyOf(bytes).open()) {
      if (sent % (8 * mebibyte) < 65_536 && sent > 0) server.breakConnections();
      sent += chunk.length;
      yield chunk;
    }
  }
  await storage.write("broken.tar", { open, size: bytes.length }, signal);
  assert.equal(sent, bytes.length);
  assert.ok((await readAll({ storage, signal }, "broken.tar")).equals(bytes));
});

test("chunks that a server or proxy refuses for a moment are sent again", async (context) => {
  const { server, storage } = await nextcloud(context);
  server.faults.push(
    { method: "PUT", path: "/00001", status: 503, headers: { "retry-after": "1" } },
    { method: "PUT", path: "/00002", status: 502 },
    { method: "PUT", path: "/00002", status: 423 },
    { method: "PUT", path: "/00003", status: 504, isDone: true },
  );
  const bytes = manyBytes(23 * mebibyte);
  await storage.write("x.tar", { open: bodyOf(bytes).open, size: bytes.length }, signal);
  assert.ok((await readAll({ storage, signal }, "x.tar")).equals(bytes));
});

test("an upload goes on in another process, and sends only what is missing", async (context) => {
  const { server, storage } = await nextcloud(context);
  const bytes = manyBytes(45 * mebibyte);
  const { memory, resume } = remembering();
  const cancel = new AbortController();
  async function* torn(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bodyOf(bytes.subarray(0, 34 * mebibyte)).open()) yield chunk;
    cancel.abort(new Error("killed"));
    yield new Uint8Array(1);
  }
  const first = { open: torn, size: bytes.length, resume: resume() };
  await assert.rejects(storage.write("big.tar", first, cancel.signal), /killed/);
  assert.deepEqual(await listed({ storage, signal }, ""), []);
  assert.doesNotMatch(memory.state ?? "", /müller|w'örd/);
  const url = await server.folder("Sicherungen 100% #1");
  const { user, password } = server;
  const other = new WebdavStorage(parseWebdavSettings({ url, user, password }));
  const { open, taken } = bodyOf(bytes);
  await other.write("big.tar", { open, size: bytes.length, resume: resume() }, signal);
  assert.ok(taken.bytes <= 25 * mebibyte, `${taken.bytes} bytes were sent again`);
  assert.ok((await readAll({ storage, signal }, "big.tar")).equals(bytes));
  assert.deepEqual(await server.uploads(), []);
});

test("an upload that the server has dropped begins anew", async (context) => {
  const { server, storage } = await nextcloud(context);
  const bytes = manyBytes(25 * mebibyte);
  const { resume } = remembering();
  async function* torn(): AsyncGenerator<Uint8Array> {
    yield* bodyOf(bytes.subarray(0, 24 * mebibyte)).open();
    throw new Error("torn");
  }
  const first = { open: torn, size: bytes.length, resume: resume() };
  await assert.rejects(storage.write("x.tar", first, signal), /torn/);
  server.letUploadsAge(25 * 3_600_000);
  const { open, taken } = bodyOf(bytes);
  await storage.write("x.tar", { open, size: bytes.length, resume: resume() }, signal);
  assert.equal(taken.bytes, bytes.length);
  assert.ok((await readAll({ storage, signal }, "x.tar")).equals(bytes));
});

test("an upload that is dropped while it goes on is told as one that can be tried again", async (context) => {
  const { server, storage } = await nextcloud(context);
  const bytes = manyBytes(25 * mebibyte);
  async function* open(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 12 * mebibyte);
    server.letUploadsAge(25 * 3_600_000);
    yield bytes.subarray(12 * mebibyte);
  }
  const writing = storage.write("x.tar", { open, size: bytes.length }, signal);
  await assert.rejects(writing, { problem: "unreachable", message: /begin anew/ });
});

test("a server that takes long to put chunks together is waited for", async (context) => {
  const bytes = manyBytes(12 * mebibyte);
  const content = () => ({ open: bodyOf(bytes).open, size: bytes.length });
  // The proxy gives up, then the upload is locked, then it is gone.
  const { server, storage } = await nextcloud(context, { assemblyMs: 1000, proxyMs: 400 });
  await storage.write("x.tar", content(), signal);
  assert.ok((await readAll({ storage, signal }, "x.tar")).equals(bytes));
  assert.ok(requests(server, "MOVE").length >= 2);
  // An answer that is lost after the work was done.
  server.options = {};
  server.faults.push({ method: "MOVE", path: "/.file", status: 502, isDone: true });
  await storage.write("y.tar", content(), signal);
  assert.ok((await readAll({ storage, signal }, "y.tar")).equals(bytes));
});

test("who comes back after the chunks were put together finds the object finished", async (context) => {
  const { server, storage } = await nextcloud(context, { assemblyMs: 1000 });
  const bytes = manyBytes(12 * mebibyte);
  const { resume } = remembering();
  const cancel = new AbortController();
  server.faults.push({ method: "MOVE", path: "/.file", status: 504, isDone: true });
  const timer = setInterval(() => {
    if (requests(server, "MOVE").length > 0) cancel.abort(new Error("killed"));
  }, 20);
  const content = () => ({ open: bodyOf(bytes).open, size: bytes.length, resume: resume() });
  await assert.rejects(storage.write("x.tar", content(), cancel.signal), /killed/);
  clearInterval(timer);
  const { open, taken } = bodyOf(bytes);
  await storage.write("x.tar", { open, size: bytes.length, resume: resume() }, signal);
  assert.equal(taken.bytes, 0);
  assert.ok((await readAll({ storage, signal }, "x.tar")).equals(bytes));
});

test("an upload that is given up leaves no chunks", async (context) => {
  const { server, storage } = await nextcloud(context);
  const cancel = new AbortController();
  async function* open(): AsyncGenerator<Uint8Array> {
    yield manyBytes(15 * mebibyte);
    cancel.abort();
    await new Promise(() => undefined);
  }
  const content = { open, size: 30 * mebibyte };
  await assert.rejects(storage.write("x.tar", content, cancel.signal), { name: "AbortError" });
  assert.deepEqual(await server.uploads(), []);
});

test("an object that comes while chunks go up is not replaced", async (context) => {
  const { storage } = await nextcloud(context);
  const bytes = manyBytes(12 * mebibyte);
  async function* open(): AsyncGenerator<Uint8Array> {
    yield bytes;
    await storage.write("x.tar", content("theirs"), signal);
  }
  const writing = storage.write("x.tar", { open, size: bytes.length }, signal);
  await rejectsWith(writing, "already-exists");
  assert.equal((await readAll({ storage, signal }, "x.tar")).toString(), "theirs");
});

test("old uploads of ours are removed, by the clock of the server", async (context) => {
  const { server, storage } = await nextcloud(context, {
    aheadMs: 5 * 24 * 3_600_000,
    // As without background jobs.
    isForgetful: true,
  });
  const bytes = manyBytes(12 * mebibyte);
  const { memory, resume } = remembering();
  async function* torn(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 11 * mebibyte);
    throw new Error("torn");
  }
  const upload = { open: torn, size: bytes.length, resume: resume() };
  await assert.rejects(storage.write("x.tar", upload, signal), /torn/);
  await storage.removeLeftovers(signal);
  assert.equal((await server.uploads()).length, 1, "it may be gone on with");
  assert.notEqual(memory.state, undefined);
  server.letUploadsAge(49 * 3_600_000);
  await storage.removeLeftovers(signal);
  assert.deepEqual(await server.uploads(), []);
});

test("memory stays bounded however many chunks there are", async (context) => {
  const { server } = await nextcloud(context);
  const { user, password } = server;
  const settings = { url: await server.folder("x"), user, password };
  const bytes = loops(1) > 1 ? 3e9 : 1.5e8;
  for (const isSizeKnown of loops(1) > 1 ? [true, false] : [true]) {
    const outcome = await transfer({ kind: "webdav", settings, bytes, isSizeKnown });
    assert.ok(outcome.isSame);
    assert.ok(outcome.peakBytes < 250 * mebibyte, `${outcome.peakBytes} bytes`);
  }
});
