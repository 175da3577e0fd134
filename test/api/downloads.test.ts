import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  readdirSync,
  readlinkSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { openArchive } from "#archive/read/open-archive.ts";
import { BytesServer } from "#test/bytes-server.ts";
import { configBackup } from "#test/hostile-backup.ts";
import { writeLargeArchive } from "#test/large-archive.ts";
import { loops } from "#test/loops.ts";
import { bufferSource, samplePassword } from "#test/sample-archive.ts";
import { sampleBytes } from "#test/sample-bytes.ts";
import { storeSample } from "#test/stored-sample.ts";

const sslPart = (content: Uint8Array | string) => ({
  part: { kind: "folder", name: "ssl" } as const,
  entries: [{ path: "ssl/key.pem", content }],
});

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

function post(server: BytesServer, path: string, body: object): Promise<Response> {
  return server.fetch(path, { method: "POST", body: JSON.stringify(body) });
}

/** Files of the location that this process has open. */
function openFiles(server: BytesServer): string[] {
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`);
      return path.startsWith(server.location) && path.endsWith(".tar") ? [path] : [];
    } catch {
      // The descriptor of the listing itself is gone by now.
      return [];
    }
  });
}

async function allClosed(server: BytesServer): Promise<void> {
  while (openFiles(server).length > 0) await new Promise(setImmediate);
}

test("a backup is fetched byte for byte, whole or by any range", async (context) => {
  const server = await BytesServer.here(context);
  const bytes = await configBackup([
    { name: "data/noise", content: sampleBytes("noise", 700_000) },
  ]);
  writeFileSync(join(server.location, "mine.tar"), bytes);
  const path = "/backups/bad0bad0/download";
  const whole = await server.fetch(path);
  assert.equal(whole.status, 200);
  assert.equal(whole.headers.get("Content-Length"), String(bytes.length));
  assert.equal(whole.headers.get("Content-Disposition"), `attachment; filename="mine.tar"`);
  assert.equal(whole.headers.get("X-Content-Type-Options"), "nosniff");
  assert.deepEqual(await bytesOf(whole), bytes);
  const offset = fc.nat(bytes.length - 1);
  await fc.assert(
    fc.asyncProperty(offset, fc.nat(bytes.length), async (from, length) => {
      const range = `bytes=${from}-${from + length}`;
      const response = await server.fetch(path, { headers: { Range: range } });
      const expected = bytes.subarray(from, from + length + 1);
      assert.equal(response.status, 206);
      const last = from + expected.length - 1;
      assert.equal(response.headers.get("Content-Range"), `bytes ${from}-${last}/${bytes.length}`);
      assert.deepEqual(await bytesOf(response), expected);
    }),
    { numRuns: loops(30) },
  );
  const beyond = await server.fetch(path, { headers: { Range: `bytes=${bytes.length}-` } });
  assert.equal(beyond.status, 416);
  assert.equal(beyond.headers.get("Content-Range"), `bytes */${bytes.length}`);
  await allClosed(server);
  assert.deepEqual(server.faults, []);
});

test("headers alone tell the same as the whole answer, and leave nothing open", async (context) => {
  const server = await BytesServer.here(context);
  const bytes = await configBackup([]);
  writeFileSync(join(server.location, "mine.tar"), bytes);
  const path = "/backups/mine.tar/download";
  const head = await server.fetch(path, { method: "HEAD" });
  const whole = await server.fetch(path);
  for (const name of ["Content-Length", "ETag", "Content-Type", "Accept-Ranges"])
    assert.equal(head.headers.get(name), whole.headers.get(name), name);
  assert.deepEqual(await bytesOf(whole), bytes);
  await allClosed(server);
});

test("a download is continued only while the archive is the same", async (context) => {
  const server = await BytesServer.here(context);
  const file = join(server.location, "mine.tar");
  const first = await configBackup([]);
  writeFileSync(file, first);
  const path = "/backups/mine.tar/download";
  const etag = (await server.fetch(path, { method: "HEAD" })).headers.get("ETag") ?? "";
  const ask = (headers: Record<string, string>) => server.fetch(path, { headers });
  const same = await ask({ Range: "bytes=100-199", "If-Range": etag });
  assert.equal(same.status, 206);
  assert.deepEqual(await bytesOf(same), first.subarray(100, 200));
  assert.equal((await ask({ "If-None-Match": `"x", ${etag}` })).status, 304);
  const second = await configBackup([{ name: "data/more", content: "more" }]);
  writeFileSync(`${file}.new`, second);
  renameSync(`${file}.new`, file);
  const other = await ask({ Range: "bytes=100-199", "If-Range": etag });
  assert.equal(other.status, 200);
  assert.deepEqual(await bytesOf(other), second);
  const byDate = await ask({ Range: "bytes=0-0", "If-Range": "Sun, 22 Nov 2026 20:00:00 GMT" });
  assert.equal(byDate.status, 200);
  await bytesOf(byDate);
});

test("a checksum is computed once for each version, and then stands on downloads", async (context) => {
  const server = await BytesServer.here(context);
  const file = join(server.location, "mine.tar");
  const bytes = await configBackup([]);
  writeFileSync(file, bytes);
  const path = "/backups/mine.tar/download";
  assert.equal((await server.fetch(path, { method: "HEAD" })).headers.get("Repr-Digest"), null);
  const sha256 = createHash("sha256").update(bytes);
  const value = sha256.copy().digest("hex");
  const expected = { algorithm: "sha-256", value, size: bytes.length };
  for (const _ of ["computed", "remembered"]) {
    const response = await server.fetch("/backups/bad0bad0/checksum");
    assert.deepEqual(await response.json(), expected);
  }
  const digest = `sha-256=:${sha256.digest("base64")}:`;
  const part = await server.fetch(path, { headers: { Range: "bytes=0-9" } });
  assert.equal(part.headers.get("Repr-Digest"), digest);
  await bytesOf(part);
  writeFileSync(`${file}.new`, await configBackup([{ name: "data/more", content: "more" }]));
  renameSync(`${file}.new`, file);
  assert.equal((await server.fetch(path, { method: "HEAD" })).headers.get("Repr-Digest"), null);
});

test("an encrypted backup comes as it is unless it is to be decrypted, and is then named so", async (context) => {
  const server = await BytesServer.here(context);
  const secret = sampleBytes("secret", 3_000_000);
  const { bytes } = await storeSample(server, "mine.tar", { version: 3, parts: [sslPart(secret)] });
  const path = "/backups/mine.tar/download";
  assert.deepEqual(await bytesOf(await server.fetch(path)), bytes);
  const wish = { decrypt: true, password: samplePassword };
  const response = await post(server, path, wish);
  assert.equal(response.status, 200);
  const disposition = response.headers.get("Content-Disposition");
  assert.equal(disposition, `attachment; filename="mine.decrypted.tar"`);
  const plain = await bytesOf(response);
  assert.equal((await openArchive(bufferSource(plain))).metadata.protected, false);
  const refused = await post(server, path, { decrypt: true, password: "wrong" });
  assert.deepEqual(
    [refused.status, ((await refused.json()) as { problem: string }).problem],
    [422, "wrong-password"],
  );
  const withoutKey = await server.fetch(`${path}?decrypt=true`);
  assert.equal(((await withoutKey.json()) as { problem: string }).problem, "password-needed");
  const imported = await post(server, "/keys/import", { secret: samplePassword });
  assert.equal(imported.status, 200, await imported.clone().text());
  const byRing = await server.fetch(`${path}?decrypt=true`);
  assert.deepEqual(await bytesOf(byRing), plain);
  await allClosed(server);
  assert.deepEqual(server.faults, []);
});

test("a password in an address is refused", async (context) => {
  const server = await BytesServer.here(context);
  const response = await server.fetch("/backups/x/download?decrypt=true&password=hunter2");
  assert.equal(response.status, 400);
  assert.doesNotMatch(await response.text(), /hunter2/);
});

test("an unencrypted backup that is to be decrypted comes as it is", async (context) => {
  const server = await BytesServer.here(context);
  const bytes = await configBackup([]);
  writeFileSync(join(server.location, "mine.tar"), bytes);
  const response = await server.fetch("/backups/mine.tar/download?decrypt=true");
  assert.equal(response.headers.get("Content-Disposition"), `attachment; filename="mine.tar"`);
  assert.deepEqual(await bytesOf(response), bytes);
});

test("what fails while it is decrypted breaks the connection and is no whole file", async (context) => {
  const server = await BytesServer.here(context);
  const secret = sampleBytes("secret", 8_000_000);
  const { bytes } = await storeSample(server, "mine.tar", {
    version: 3,
    parts: [
      sslPart("x"),
      {
        part: { kind: "folder", name: "media" },
        entries: [{ path: "media/film", content: secret }],
      },
    ],
  });
  bytes[bytes.length - 3_000_000] = (bytes[bytes.length - 3_000_000] ?? 0) ^ 1;
  writeFileSync(join(server.location, "mine.tar"), bytes);
  const wish = { decrypt: true, password: samplePassword };
  const sending = post(server, "/backups/mine.tar/download", wish);
  await assert.rejects(
    sending.then((response) => response.arrayBuffer()),
    TypeError,
  );
  await allClosed(server);
});

test("an archive that becomes shorter while it is sent breaks the connection", async (context) => {
  const server = await BytesServer.here(context);
  const file = join(server.location, "large.tar");
  await writeLargeArchive(file, 64);
  const response = await server.fetch("/backups/large.tar/download");
  truncateSync(file, statSync(file).size / 2);
  await assert.rejects(response.arrayBuffer(), TypeError);
  await allClosed(server);
});

test("a client that goes leaves no file open, and one that stands still is not read for", async (context) => {
  const server = await BytesServer.here(context);
  await writeLargeArchive(join(server.location, "large.tar"), 64);
  const asking = get(server.at("/backups/large.tar/download"));
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  await once(response, "readable");
  assert.equal(openFiles(server).length, 1);
  asking.destroy();
  await allClosed(server);
  assert.deepEqual(server.faults, []);
});

test("a client that goes while it is decrypted leaves no file open and no spool", async (context) => {
  const server = await BytesServer.here(context);
  const secret = sampleBytes("secret", 20_000_000);
  await storeSample(server, "mine.tar", { version: 3, parts: [sslPart(secret)] });
  const gone = new AbortController();
  const body = JSON.stringify({ decrypt: true, password: samplePassword });
  const path = "/backups/mine.tar/download";
  const response = await server.fetch(path, { method: "POST", body, signal: gone.signal });
  await response.body?.getReader().read();
  gone.abort();
  await allClosed(server);
  const scratch = join(server.folder, "data", "scratch");
  while (readdirSync(scratch).length > 0) await new Promise(setImmediate);
});

test("a large backup goes out with flat memory, and is the same", async (context) => {
  const server = await BytesServer.apart(context);
  const sent = await writeLargeArchive(join(server.location, "large.tar"), loops(300));
  const response = await server.fetch("/backups/large.tar/download");
  const hash = createHash("sha256");
  const sink = new WritableStream<Uint8Array>({ write: (bytes) => void hash.update(bytes) });
  await response.body?.pipeTo(sink);
  assert.equal(hash.digest("hex"), sent);
  assert.ok(server.peakBytes() < 250e6, `${server.peakBytes()} bytes in memory`);
});
