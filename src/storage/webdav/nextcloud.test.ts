import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { inspect, promisify } from "node:util";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { NextcloudServer, type NextcloudOptions } from "#test/places/nextcloud.ts";
import { davServerIsAbsent } from "#test/places/webdav.ts";
import { content, listed, readAll, rejectsWith, someBytes } from "../contract/objects.ts";
import { StorageError } from "../errors.ts";
import { stackStorage } from "../stack.ts";
import { diagnoseWebdav } from "./diagnose.ts";
import { prepareWebdav } from "./prepare.ts";
import { WebdavStorage } from "./provider.ts";
import { parseWebdavSettings } from "./settings.ts";

const { signal } = new AbortController();

async function nextcloud(
  context: TestContext,
  options: NextcloudOptions = {},
): Promise<{ server: NextcloudServer; storage: WebdavStorage }> {
  const server = await NextcloudServer.start(options);
  context.after(() => server.stop());
  const { user, password } = server;
  const url = await server.folder("Sicherungen 100% #1");
  return { server, storage: new WebdavStorage(parseWebdavSettings({ url, user, password })) };
}

keepsStorageContract(
  "webdav of Nextcloud",
  async (context) => (await nextcloud(context, { quota: 1e9 })).storage,
  100,
);

const mebibyte = 1024 * 1024;

/** A body that can be opened anew, also from the middle; it counts what was taken of it. */
function bodyOf(bytes: Uint8Array) {
  const taken = { bytes: 0 };
  async function* open(from = 0): AsyncGenerator<Uint8Array> {
    for (let at = from; at < bytes.length; at += 65_536) {
      const chunk = bytes.subarray(at, at + 65_536);
      taken.bytes += chunk.length;
      yield chunk;
    }
  }
  return { open, taken };
}

/** Somebody who remembers how far an upload came. */
function remembering() {
  const memory: { state: string | undefined } = { state: undefined };
  const keep = async (state: string): Promise<void> => void (memory.state = state);
  return { memory, resume: () => ({ state: memory.state, keep }) };
}

/** Paths of requests, as people read them. */
function requests(server: NextcloudServer, method: string): readonly string[] {
  return server.log
    .filter((line) => line.startsWith(`${method} `))
    .map((line) => decodeURIComponent(line.slice(method.length + 1)));
}

test("a big object goes up in chunks, in their order, below the id of the user", async (context) => {
  const { server, storage } = await nextcloud(context);
  const bytes = someBytes(23 * mebibyte);
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
  const bytes = someBytes(21 * mebibyte + 17);
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

test("the old address and a login that is not the user's id lead to the same place", async (context) => {
  const { server } = await nextcloud(context);
  const { user, password } = server;
  const url = `${server.origin}/remote.php/webdav/`;
  const storage = new WebdavStorage(parseWebdavSettings({ url, user, password }));
  const bytes = someBytes(11 * mebibyte);
  await storage.write("x.tar", { open: bodyOf(bytes).open, size: bytes.length }, signal);
  assert.ok((await readAll({ storage, signal }, "x.tar")).equals(bytes));
  assert.ok(requests(server, "MKCOL").some((path) => path.includes("/dav/uploads/anna müller/")));
});

test("connections that break in the middle cost single chunks and no upload", async (context) => {
  const { server, storage } = await nextcloud(context);
  const bytes = someBytes(31 * mebibyte);
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
  const bytes = someBytes(23 * mebibyte);
  await storage.write("x.tar", { open: bodyOf(bytes).open, size: bytes.length }, signal);
  assert.ok((await readAll({ storage, signal }, "x.tar")).equals(bytes));
});

test("an upload goes on in another process, and sends only what is missing", async (context) => {
  const { server, storage } = await nextcloud(context);
  const bytes = someBytes(45 * mebibyte);
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

test("whoever tries again in this process goes on too", async (context) => {
  const { server, storage } = await nextcloud(context);
  const bytes = someBytes(25 * mebibyte);
  let begun = 0;
  const from: number[] = [];
  const open = (at = 0) => {
    from.push(at);
    begun += 1;
    const end = begun === 1 ? 24 * mebibyte : bytes.length;
    return (async function* () {
      yield* bodyOf(bytes.subarray(0, end)).open(at);
      if (begun === 1) throw new StorageError("unreachable", "the source was away");
    })();
  };
  const { resume } = remembering();
  await stackStorage(storage, {}).write(
    "x.tar",
    { open, size: bytes.length, resume: resume() },
    signal,
  );
  assert.deepEqual(from, [0, 20 * mebibyte]);
  assert.equal(requests(server, "PUT").filter((path) => path.endsWith("/00001")).length, 1);
});

test("an upload that the server has dropped begins anew", async (context) => {
  const { server, storage } = await nextcloud(context);
  const bytes = someBytes(25 * mebibyte);
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
  const bytes = someBytes(25 * mebibyte);
  async function* open(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 12 * mebibyte);
    server.letUploadsAge(25 * 3_600_000);
    yield bytes.subarray(12 * mebibyte);
  }
  const writing = storage.write("x.tar", { open, size: bytes.length }, signal);
  await assert.rejects(writing, { problem: "unreachable", message: /begin anew/ });
});

test("a server that takes long to put chunks together is waited for", async (context) => {
  const bytes = someBytes(12 * mebibyte);
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
  const bytes = someBytes(12 * mebibyte);
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

test("a quota that does not suffice is told before anything is sent, with both numbers", async (context) => {
  const { server, storage } = await nextcloud(context, { quota: 20 * mebibyte });
  const bytes = someBytes(25 * mebibyte);
  const { open, taken } = bodyOf(bytes);
  await assert.rejects(storage.write("x.tar", { open, size: bytes.length }, signal), {
    problem: "full",
    facts: { neededBytes: bytes.length, freeBytes: 20 * mebibyte },
  });
  assert.equal(taken.bytes, 0);
  // Nobody knew the length: the server says it when it is too late.
  await using writer = await storage.openWrite("y.tar", {}, signal);
  await assert.rejects(
    async () => {
      for (let at = 0; at < bytes.length; at += mebibyte) {
        await writer.write(bytes.subarray(at, at + mebibyte));
      }
      await writer.commit();
    },
    { problem: "full" },
  );
  await writer.abort();
  assert.deepEqual(await server.uploads(), []);
  assert.deepEqual(await listed({ storage, signal }, ""), []);
});

test("a server that limits nothing tells no free space", async (context) => {
  for (const quota of [-1, -2, -3]) {
    const { storage } = await nextcloud(context, { quota });
    assert.equal(await storage.freeSpace(signal), undefined);
  }
});

test("an upload that is given up leaves no chunks", async (context) => {
  const { server, storage } = await nextcloud(context);
  const cancel = new AbortController();
  async function* open(): AsyncGenerator<Uint8Array> {
    yield someBytes(15 * mebibyte);
    cancel.abort();
    await new Promise(() => undefined);
  }
  const content = { open, size: 30 * mebibyte };
  await assert.rejects(storage.write("x.tar", content, cancel.signal), { name: "AbortError" });
  assert.deepEqual(await server.uploads(), []);
});

test("an object that comes while chunks go up is not replaced", async (context) => {
  const { storage } = await nextcloud(context);
  const bytes = someBytes(12 * mebibyte);
  async function* open(): AsyncGenerator<Uint8Array> {
    yield bytes;
    await storage.write("x.tar", content("theirs"), signal);
  }
  const writing = storage.write("x.tar", { open, size: bytes.length }, signal);
  await rejectsWith(writing, "already-exists");
  assert.equal((await readAll({ storage, signal }, "x.tar")).toString(), "theirs");
});

test("a small object is replaced in one step, so that it is never missing", async (context) => {
  const { server, storage } = await nextcloud(context);
  await storage.write(".safehouse/x.json", { ...content("old"), overwrite: true }, signal);
  server.log.length = 0;
  await storage.write(".safehouse/x.json", { ...content("new"), overwrite: true }, signal);
  assert.deepEqual(requests(server, "MOVE"), []);
  assert.equal((await readAll({ storage, signal }, ".safehouse/x.json")).toString(), "new");
});

test("limits of a proxy are no trouble with chunks, and are named without them", async (context) => {
  const { server, storage } = await nextcloud(context, { proxyBytes: 10 * mebibyte });
  const bytes = someBytes(25 * mebibyte);
  const { open } = bodyOf(bytes);
  await storage.write("x.tar", { open, size: bytes.length }, signal);
  const url = await server.folder("plain");
  const { user, password } = server;
  const settings = parseWebdavSettings({ url, user, password, chunking: false });
  const plain = new WebdavStorage(settings);
  assert.equal(plain.features.resumable, false);
  await assert.rejects(plain.write("x.tar", { open, size: bytes.length }, signal), {
    problem: "too-large",
    message: /client_max_body_size/,
  });
  assert.deepEqual(await listed({ storage: plain, signal }, ""), []);
});

test("a server without chunks gets big objects as one stream, unless chunks are insisted on", async (context) => {
  const { server, storage } = await nextcloud(context, { hasNoChunks: true });
  const bytes = someBytes(12 * mebibyte);
  const { open } = bodyOf(bytes);
  const { resume } = remembering();
  await storage.write("x.tar", { open, size: bytes.length, resume: resume() }, signal);
  assert.ok((await readAll({ storage, signal }, "x.tar")).equals(bytes));
  const url = await server.folder("Sicherungen 100% #1");
  const { user, password } = server;
  const insisting = new WebdavStorage(parseWebdavSettings({ url, user, password, chunking: true }));
  await rejectsWith(insisting.write("y.tar", { open, size: bytes.length }, signal), "unsupported");
});

test("a server that asks to wait is not asked again before", async (context) => {
  const { server, storage } = await nextcloud(context);
  await storage.write("x.tar", content("x"), signal);
  server.faults.push({ method: "PROPFIND", status: 429, headers: { "retry-after": "1" } });
  await assert.rejects(storage.stat("x.tar", signal), {
    problem: "busy",
    facts: { status: 429, retryAfterSeconds: 1 },
  });
  const before = server.log.length;
  const asking = storage.stat("x.tar", signal);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(server.log.length, before);
  assert.equal((await asking).size, 1);
});

test("damage at the server is noticed without reading the object", async (context) => {
  const { server, storage } = await nextcloud(context);
  const bytes = someBytes(12 * mebibyte);
  const { open } = bodyOf(bytes);
  await storage.write("x.tar", { open, size: bytes.length }, signal);
  assert.equal(await storage.matches?.("x.tar", open, signal), true);
  const damaged = Buffer.from(bytes);
  damaged[5_000_000] = (damaged[5_000_000] ?? 0) ^ 1;
  await server.overwriteStored("Sicherungen 100% #1/x.tar", damaged);
  assert.equal(await storage.matches?.("x.tar", open, signal), false);
  assert.deepEqual(requests(server, "GET"), []);
});

test("what a server says of an object that it has not computed counts for nothing", async (context) => {
  const { server, storage } = await nextcloud(context);
  const { open } = bodyOf(Buffer.from("x"));
  await storage.write("x.tar", { open }, signal);
  for (const status of [405, 501, 504]) {
    server.faults.push({ method: "PATCH", status });
    assert.equal(await storage.matches?.("x.tar", open, signal), undefined);
  }
});

test("prefixes and addresses of every kind are understood", async (context) => {
  const { server, storage } = await nextcloud(context, { isOdd: true, quota: 1e6 });
  await storage.write("Über 100%/x y.tar", content("x"), signal);
  assert.deepEqual(
    (await listed({ storage, signal }, "Über 100%/")).map(({ key }) => key),
    ["Über 100%/x y.tar"],
  );
  assert.deepEqual(await storage.freeSpace(signal), { freeBytes: 1e6 - 1, totalBytes: 1e6 });
  assert.ok(server.options.isOdd);
});

test("old uploads of ours are removed, by the clock of the server", async (context) => {
  const { server, storage } = await nextcloud(context, {
    aheadMs: 5 * 24 * 3_600_000,
    // As without background jobs.
    isForgetful: true,
  });
  const bytes = someBytes(12 * mebibyte);
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

test("a wrong password, a wrong folder and a page for people are told apart", async (context) => {
  const { server } = await nextcloud(context);
  const url = await server.folder("x");
  const { user, password, origin } = server;
  const at = (settings: object) => new WebdavStorage(parseWebdavSettings(settings));
  const wrong = at({ url, user, password: "wrong secret" });
  await assert.rejects(wrong.stat("x", signal), (error: Error) => {
    assert.match(error.message, /user or password is wrong/);
    assert.doesNotMatch(inspect(error, { depth: 9 }), /wrong secret|d3Jvbmcgc2VjcmV0/);
    return true;
  });
  await rejectsWith(wrong.write("x", content("x"), signal), "sign-in");
  await rejectsWith(listed({ storage: wrong, signal }, ""), "sign-in");
  const missing = at({ url: `${url}/none`, user, password });
  await rejectsWith(missing.stat("x", signal), "unreachable");
  await rejectsWith(missing.write("x", content("x"), signal), "unreachable");
  await rejectsWith(missing.write("deep/x", content("x"), signal), "unreachable");
  await rejectsWith(missing.remove("x", signal), "unreachable");
  await rejectsWith(listed({ storage: missing, signal }, ""), "unreachable");
  await rejectsWith(listed({ storage: missing, signal }, "deep/"), "unreachable");
  const page = at({ url: `${origin}/apps/files`, user, password });
  await assert.rejects(page.stat("x", signal), { problem: "unsupported", message: /web page/ });
});

test("the folder of a place is made when it is set up", async (context) => {
  const { server } = await nextcloud(context);
  const { user, password } = server;
  const url = `${await server.folder("x")}/Ä b/c`;
  const settings = parseWebdavSettings({ url, user, password });
  await prepareWebdav(settings);
  await prepareWebdav(settings);
  await new WebdavStorage(settings).write("x.tar", content("x"), signal);
  const other = parseWebdavSettings({ url: url.replace("anna", "otto"), user, password });
  await assert.rejects(prepareWebdav(other), { problem: "not-found" });
});

test("a diagnosis finds the address that Nextcloud has for the user", async (context) => {
  const { server } = await nextcloud(context, { quota: 5e9 });
  const { user, password, origin } = server;
  const diagnose = async (url: string, account: object = { user, password }) =>
    Array.fromAsync(diagnoseWebdav(parseWebdavSettings({ url, ...account }), signal));
  const url = await server.folder("x");
  const good = await diagnose(url);
  assert.deepEqual(
    good.map(({ subject, ok }) => [subject, ok]),
    ["name", "port", "host-key", "sign-in", "path", "permission", "space"].map((name) => [
      name,
      true,
    ]),
  );
  assert.match(good.at(-1)?.message ?? "", /5\.0 GB are free/);
  const last = async (...args: Parameters<typeof diagnose>) => (await diagnose(...args)).at(-1);
  const wrong = await last(url, { user, password: "wrong" });
  assert.deepEqual([wrong?.subject, wrong?.ok], ["sign-in", false]);
  const byLogin = await last(`${origin}/remote.php/dav/files/${encodeURIComponent(user)}/x`);
  assert.deepEqual([byLogin?.subject, byLogin?.ok], ["path", false]);
  assert.equal(byLogin?.advice, `Try the URL ${url}`);
  const page = await last(`${origin}/apps/files`);
  assert.match(page?.advice ?? "", /remote\.php\/dav\/files\/anna%20m%C3%BCller/);
  const missing = await last(`${url}/none`);
  assert.match(missing?.message ?? "", /There is no folder/);
  server.faults.push({ method: "PUT", status: 403 });
  const forbidden = await last(url);
  assert.deepEqual([forbidden?.subject, forbidden?.ok], ["permission", false]);
});

test(
  "rclone, made for Nextcloud, and we read what the other has written",
  { skip: davServerIsAbsent("rclone") },
  async (context) => {
    const { server, storage } = await nextcloud(context, { quota: 1e9 });
    const folder = await mkdtemp(join(tmpdir(), "safehouse-peer-"));
    context.after(() => rm(folder, { recursive: true }));
    const { user, password } = server;
    const run = promisify(execFile);
    const obscured = (await run("rclone", ["obscure", password])).stdout.trim();
    const env = {
      PATH: process.env["PATH"],
      RCLONE_CONFIG: join(folder, "rclone.conf"),
      RCLONE_CONFIG_CLOUD_TYPE: "webdav",
      RCLONE_CONFIG_CLOUD_VENDOR: "nextcloud",
      RCLONE_CONFIG_CLOUD_URL: await server.folder("Sicherungen 100% #1"),
      RCLONE_CONFIG_CLOUD_USER: user,
      RCLONE_CONFIG_CLOUD_PASS: obscured,
    };
    const rclone = async (...args: string[]) => (await run("rclone", args, { env })).stdout;
    const bytes = someBytes(12 * mebibyte);
    await storage.write(
      "ours/grün 1.tar",
      { open: bodyOf(bytes).open, size: bytes.length },
      signal,
    );
    await storage.write("small.json", content("{}"), signal);
    await writeFile(join(folder, "blau 2.tar"), bytes);
    await rclone("copy", join(folder, "blau 2.tar"), "cloud:theirs");
    assert.ok((await readAll({ storage, signal }, "theirs/blau 2.tar")).equals(bytes));
    assert.deepEqual((await rclone("lsf", "-R", "cloud:")).trim().split("\n").toSorted(), [
      "ours/",
      "ours/grün 1.tar",
      "small.json",
      "theirs/",
      "theirs/blau 2.tar",
    ]);
    await rclone("copy", "cloud:ours", join(folder, "back"));
    assert.ok((await readFile(join(folder, "back", "grün 1.tar"))).equals(bytes));
    const about = JSON.parse(await rclone("about", "--json", "cloud:")) as { free: number };
    assert.equal(about.free, (await storage.freeSpace(signal))?.freeBytes);
    await rclone("moveto", "cloud:small.json", "cloud:moved.json");
    await rclone("deletefile", "cloud:moved.json");
    await rejectsWith(storage.stat("small.json", signal), "not-found");
  },
);
