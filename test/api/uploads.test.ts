import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import {
  createReadStream,
  openAsBlob,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import fc from "fast-check";
import { Upload } from "tus-js-client";
import { BytesServer } from "#test/bytes-server.ts";
import { backupJson, configBackup } from "#test/hostile-backup.ts";
import { longName, tarMember, tarOf } from "#test/hostile-tar.ts";
import { writeLargeArchive } from "#test/large-archive.ts";
import { loops } from "#test/loops.ts";

const tus = { "Tus-Resumable": "1.0.0" };
const offsetBody = { ...tus, "Content-Type": "application/offset+octet-stream" };

async function problemOf(response: Response): Promise<[number, unknown]> {
  assert.equal(response.headers.get("Content-Type"), "application/problem+json");
  const { problem } = (await response.json()) as { problem: unknown };
  return [response.status, problem];
}

function post(server: BytesServer, query: string, body: Uint8Array): Promise<Response> {
  return server.fetch(`/backups/upload${query}`, { method: "POST", body: Uint8Array.from(body) });
}

/** Begins an upload of that length; its address below the home's. */
async function create(server: BytesServer, length: number, filename?: string): Promise<string> {
  const headers: Record<string, string> = { ...tus, "Upload-Length": String(length) };
  if (filename !== undefined)
    headers["Upload-Metadata"] = `filename ${Buffer.from(filename).toString("base64")}`;
  const response = await server.fetch("/uploads", { method: "POST", headers });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("Access-Control-Allow-Origin"), null);
  return `/${response.headers.get("Location")}`;
}

function patch(server: BytesServer, path: string, [offset, bytes]: readonly [number, Uint8Array]) {
  const headers = { ...offsetBody, "Upload-Offset": String(offset) };
  return server.fetch(path, { method: "PATCH", headers, body: Uint8Array.from(bytes) });
}

test("an archive that is sent in one go is a backup, under its own name or one that is given", async (context) => {
  const server = await BytesServer.here(context);
  const bytes = await configBackup([]);
  const response = await post(server, "", bytes);
  assert.equal(response.status, 201);
  const file = "Hostile_2026-01-02_03.04_05000000.tar";
  const expected = { slug: "bad0bad0", name: "Hostile", file, size: bytes.length };
  assert.deepEqual(await response.json(), expected);
  assert.deepEqual(readFileSync(join(server.location, file)), bytes);
  const other = await configBackup([], { json: { slug: "00000001" } });
  assert.equal((await post(server, "?filename=mine.tar", other)).status, 201);
  assert.deepEqual(server.archives().toSorted(), [file, "mine.tar"]);
  assert.deepEqual(readdirSync(server.incoming), []);
  const { backups } = (await (await server.fetch("/backups?fresh=true")).json()) as {
    backups: object[];
  };
  assert.equal(backups.length, 2);
});

test("what is no whole archive is refused, and nothing is left of it", async (context) => {
  const server = await BytesServer.here(context);
  const good = await configBackup([]);
  const json = JSON.stringify(backupJson());
  const cases: readonly (readonly [Uint8Array, string])[] = [
    [Buffer.alloc(0), "truncated"],
    [Buffer.from("hello"), "not-a-backup"],
    [Buffer.alloc(100_000, "x"), "not-a-backup"],
    [tarOf([{ name: "./readme.txt", content: "no backup" }]), "not-a-backup"],
    [good.subarray(0, good.length / 2), "truncated"],
    [good.subarray(0, good.length - 1024), "truncated"],
    [
      tarOf([
        tarMember({ name: "./ssl.tar.gz", size: 2 ** 32 }),
        { name: "./backup.json", content: json },
      ]),
      "truncated",
    ],
    [tarOf([{ name: "./backup.json", content: "{" }]), "not-a-backup"],
    [
      tarOf([
        { name: "./backup.json", content: json },
        { name: "x", checksum: "000000\0 " },
      ]),
      "damaged",
    ],
    [
      tarOf([longName("x".repeat(100_000)), { name: "./backup.json", content: json }]),
      "not-a-backup",
    ],
  ];
  for (const [index, [bytes, problem]] of cases.entries()) {
    const told = await problemOf(await post(server, "", bytes));
    assert.deepEqual(told, [422, problem], `case ${index}`);
  }
  assert.deepEqual(server.archives(), []);
  assert.deepEqual(readdirSync(server.incoming), []);
  assert.deepEqual(server.faults, []);
});

test("names that lead elsewhere are refused, in the query, the metadata and the archive", async (context) => {
  const server = await BytesServer.here(context);
  const bytes = await configBackup([]);
  for (const name of [
    "../x.tar",
    "/etc/x.tar",
    ".hidden.tar",
    "x.zip",
    "a/b.tar",
    "a\\b.tar",
    "a\nb.tar",
  ]) {
    const query = `?filename=${encodeURIComponent(name)}`;
    assert.deepEqual(await problemOf(await post(server, query, bytes)), [400, "usage"]);
    const metadata = `filename ${Buffer.from(name).toString("base64")}`;
    const headers = { ...tus, "Upload-Length": "5", "Upload-Metadata": metadata };
    const begun = await server.fetch("/uploads", { method: "POST", headers });
    assert.deepEqual(await problemOf(begun), [400, "usage"]);
  }
  const location = `location ${Buffer.from("../..").toString("base64")}`;
  const headers = { ...tus, "Upload-Length": "5", "Upload-Metadata": location };
  const begun = await server.fetch("/uploads", { method: "POST", headers });
  assert.deepEqual(await problemOf(begun), [400, "usage"]);
  const strange = await configBackup([], { json: { slug: "../../x", date: "never" } });
  assert.deepEqual(await problemOf(await post(server, "", strange)), [422, "not-a-backup"]);
  for (const id of ["..", "%2e%2e%2fx", "x", `${"a".repeat(32)}.JSON`, `${"a".repeat(32)}..`]) {
    const response = await server.fetch(`/uploads/${id}`, { method: "HEAD", headers: tus });
    assert.equal(response.status, 404, id);
  }
  assert.deepEqual(server.archives(), []);
  assert.deepEqual(server.faults, []);
});

test("a backup that is there is not received again, under whatever name", async (context) => {
  const server = await BytesServer.here(context);
  const bytes = await configBackup([]);
  assert.equal((await post(server, "?filename=first.tar", bytes)).status, 201);
  const again = await post(server, "?filename=second.tar", bytes);
  assert.deepEqual(await problemOf(again), [409, "already-exists"]);
  const other = await configBackup([], { json: { slug: "00000001" } });
  const taken = await post(server, "?filename=first.tar", other);
  assert.deepEqual(await problemOf(taken), [409, "already-exists"]);
  assert.deepEqual(server.archives(), ["first.tar"]);
  assert.deepEqual(readFileSync(join(server.location, "first.tar")), bytes);
});

test("of two that send the same backup at once only one succeeds", async (context) => {
  const server = await BytesServer.here(context);
  const bytes = await configBackup([]);
  const sent = ["a", "b", "c"].map((name) => post(server, `?filename=${name}.tar`, bytes));
  const answers = await Promise.all(sent);
  assert.deepEqual(answers.map(({ status }) => String(status)).toSorted(), ["201", "409", "409"]);
  assert.equal(server.archives().length, 1);
});

test("a sender who goes in the middle leaves nothing", async (context) => {
  const server = await BytesServer.here(context);
  const headers = { "Content-Length": 10_000_000 };
  const sending = request(server.at("/backups/upload"), { method: "POST", headers });
  sending.on("error", () => undefined);
  sending.write(Buffer.alloc(1_000_000));
  while (!existsSync(server.incoming) || readdirSync(server.incoming).length === 0)
    await new Promise(setImmediate);
  sending.destroy();
  while (readdirSync(server.incoming).length > 0) await new Promise(setImmediate);
  assert.deepEqual(server.faults, []);
});

test("a refusal that comes before the body is heard, however large that is", async (context) => {
  const server = await BytesServer.here(context);
  const answer = await post(server, "?filename=bad", Buffer.alloc(50_000_000));
  assert.deepEqual(await problemOf(answer), [400, "usage"]);
});

test("more than fits is refused before a byte of it", async (context) => {
  const server = await BytesServer.here(context);
  const headers = { ...tus, "Upload-Length": String(2 ** 52) };
  const begun = await server.fetch("/uploads", { method: "POST", headers });
  assert.deepEqual(await problemOf(begun), [507, "no-space"]);
  assert.deepEqual(readdirSync(server.incoming), []);
  const sending = request(server.at("/backups/upload"), {
    method: "POST",
    headers: { "Content-Length": 2 ** 47 },
  });
  sending.on("error", () => undefined);
  sending.flushHeaders();
  const [response] = (await once(sending, "response")) as [{ statusCode: number }];
  assert.equal(response.statusCode, 507);
  sending.destroy();
});

test("a resumable upload is a backup with its last byte, and tells which", async (context) => {
  const server = await BytesServer.here(context);
  const bytes = await configBackup([]);
  const path = await create(server, bytes.length, "sent.tar");
  assert.equal((await patch(server, path, [0, bytes.subarray(0, 700)])).status, 204);
  const head = await server.fetch(path, { method: "HEAD", headers: tus });
  assert.equal(head.headers.get("Upload-Offset"), "700");
  assert.ok(
    Date.parse(
      (await patch(server, path, [700, bytes.subarray(700, 800)])).headers.get("Upload-Expires") ??
        "",
    ) >
      Date.now() + 6 * 86_400_000,
  );
  assert.deepEqual(server.archives(), []);
  assert.equal((await patch(server, path, [800, bytes.subarray(800)])).status, 204);
  assert.deepEqual(readFileSync(join(server.location, "sent.tar")), bytes);
  const { received, backup } = (await (await server.fetch(path)).json()) as Record<string, unknown>;
  const expected = { slug: "bad0bad0", name: "Hostile", file: "sent.tar", size: bytes.length };
  assert.deepEqual([received, backup], [true, expected]);
});

test("a client whose last answer was lost hears that all is there, and does not send it again", async (context) => {
  const server = await BytesServer.here(context);
  const bytes = await configBackup([]);
  const path = await create(server, bytes.length);
  await patch(server, path, [0, bytes]);
  const head = await server.fetch(path, { method: "HEAD", headers: tus });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("Upload-Offset"), String(bytes.length));
});

test("a program that died after the last byte receives the archive when somebody asks for it", async (context) => {
  const server = await BytesServer.here(context);
  const bytes = await configBackup([]);
  const path = await create(server, bytes.length, "late.tar");
  writeFileSync(join(server.incoming, path.replace("/uploads/", "")), bytes);
  const head = await server.fetch(path, { method: "HEAD", headers: tus });
  assert.equal(head.headers.get("Upload-Offset"), String(bytes.length));
  assert.deepEqual(server.archives(), ["late.tar"]);
});

test("an upload grows and stays at the location that it is meant for", async (context) => {
  const server = await BytesServer.here(context);
  const usb = await server.addLocation("usb");
  const bytes = await configBackup([]);
  const metadata = ["filename", "sent.tar", "location", "usb"].map((word, at) =>
    at % 2 === 0 ? word : Buffer.from(word).toString("base64"),
  );
  const headers = {
    ...tus,
    "Upload-Length": String(bytes.length),
    "Upload-Metadata": `${metadata.slice(0, 2).join(" ")},${metadata.slice(2).join(" ")}`,
  };
  const begun = await server.fetch("/uploads", { method: "POST", headers });
  const path = `/${begun.headers.get("Location")}`;
  assert.equal(readdirSync(join(usb, ".safehouse/incoming")).length, 2);
  assert.equal((await patch(server, path, [0, bytes])).status, 204);
  const other = await configBackup([], { json: { slug: "00000001" } });
  assert.equal((await post(server, "?location=usb&filename=plain.tar", other)).status, 201);
  assert.deepEqual(readdirSync(usb).toSorted(), [".safehouse", "plain.tar", "sent.tar"]);
  assert.deepEqual(server.archives(), []);
  const download = await server.fetch("/backups/sent.tar/download?location=usb");
  assert.deepEqual(Buffer.from(await download.arrayBuffer()), bytes);
  const nowhere = await post(server, "?location=nas", other);
  assert.deepEqual(await problemOf(nowhere), [404, "not-found"]);
  rmSync(usb, { recursive: true });
  mkdirSync(usb);
  const unmounted = await server.fetch("/uploads", { method: "POST", headers });
  assert.deepEqual(await problemOf(unmounted), [503, "unreachable"]);
  assert.deepEqual(readdirSync(usb), []);
});

test("a note that cannot be read is no upload, and stops no other", async (context) => {
  const server = await BytesServer.here(context);
  const path = await create(server, 100);
  const note = join(server.incoming, `${path.replace("/uploads/", "")}.json`);
  for (const text of ["{", "null", '{"size":-1,"metadata":{}}', '{"size":5,"metadata":{"a":1}}']) {
    writeFileSync(note, text);
    const head = await server.fetch(path, { method: "HEAD", headers: tus });
    assert.equal(head.status, 404, text);
    await create(server, 5);
  }
  assert.deepEqual(server.faults, []);
});

test("a refused upload is never answered with 409 or 423: clients would send all of it again", async (context) => {
  const server = await BytesServer.here(context);
  const bytes = await configBackup([]);
  assert.equal((await post(server, "?filename=first.tar", bytes)).status, 201);
  const path = await create(server, bytes.length);
  const refused = await patch(server, path, [0, bytes]);
  assert.equal(refused.headers.get("Tus-Resumable"), "1.0.0");
  assert.deepEqual(await problemOf(refused), [422, "already-exists"]);
  assert.equal((await server.fetch(path, { method: "HEAD", headers: tus })).status, 404);
  const taken = { ...tus, "Upload-Length": "5", "Upload-Metadata": "filename Zmlyc3QudGFy" };
  const begun = await server.fetch("/uploads", { method: "POST", headers: taken });
  assert.deepEqual(await problemOf(begun), [422, "already-exists"]);
  assert.deepEqual(readdirSync(server.incoming), []);
});

test("what the protocol refuses is a problem document", async (context) => {
  const server = await BytesServer.here(context);
  const path = await create(server, 100);
  assert.deepEqual(await problemOf(await patch(server, path, [5, Buffer.alloc(5)])), [
    409,
    "usage",
  ]);
  assert.deepEqual(await problemOf(await patch(server, path, [0, Buffer.alloc(101)])), [
    413,
    "usage",
  ]);
  const nowhere = `/uploads/${"0".repeat(32)}`;
  assert.deepEqual(await problemOf(await patch(server, nowhere, [0, Buffer.alloc(5)])), [
    404,
    "not-found",
  ]);
  const endless = { ...tus, "Upload-Defer-Length": "1" };
  const begun = await server.fetch("/uploads", { method: "POST", headers: endless });
  assert.deepEqual(await problemOf(begun), [501, "usage"]);
  assert.equal((await server.fetch(path, { method: "DELETE", headers: tus })).status, 204);
  assert.deepEqual(readdirSync(server.incoming), []);
});

test("bytes that are sent for what is a backup already are taken for what they are: none", async (context) => {
  const server = await BytesServer.here(context);
  const bytes = await configBackup([]);
  const path = await create(server, bytes.length);
  await patch(server, path, [0, bytes]);
  assert.equal((await patch(server, path, [bytes.length, Buffer.alloc(0)])).status, 204);
  const more = await patch(server, path, [bytes.length, Buffer.alloc(5)]);
  assert.deepEqual(await problemOf(more), [413, "usage"]);
  assert.equal(server.archives().length, 1);
  assert.deepEqual(server.faults, []);
});

test("no request about uploads is answered with a fault, whatever is in it", async (context) => {
  const server = await BytesServer.here(context);
  const bytes = await configBackup([]);
  const known = [await create(server, 100), await create(server, bytes.length)];
  await patch(server, known[1] ?? "", [0, bytes]);
  const headers = fc.record(
    {
      "Tus-Resumable": fc.constantFrom("1.0.0", "0.2.2"),
      "Content-Type": fc.constantFrom("application/offset+octet-stream", "text/plain"),
      "Upload-Offset": fc.constantFrom("0", "5", "100", "-1", "1e3", "x", String(bytes.length)),
      "Upload-Length": fc.constantFrom("0", "5", "-1", "x", "99999999999999999999"),
      "Upload-Defer-Length": fc.constantFrom("1", "2"),
      "Upload-Metadata": fc.constantFrom(
        "filename",
        "filename ?",
        "filename eC50YXI=",
        "location Lg==",
        ",",
        "a a,a a",
      ),
      "Upload-Concat": fc.constantFrom("partial", "final;/a /b"),
    },
    { requiredKeys: [] },
  );
  const method = fc.constantFrom("POST", "PATCH", "HEAD", "GET", "DELETE", "OPTIONS", "PUT");
  const path = fc.constantFrom(
    "/uploads",
    "/uploads/x",
    `/uploads/${"0".repeat(32)}`,
    "/backups/upload?x=1",
    ...known,
  );
  const body = fc.constantFrom("", "hello");
  await fc.assert(
    fc.asyncProperty(method, path, headers, body, async (...[verb, where, given, sent]) => {
      const hasBody = verb === "POST" || verb === "PATCH" || verb === "PUT";
      const request = { method: verb, headers: given, ...(hasBody ? { body: sent } : {}) };
      const response = await server.fetch(where, request);
      assert.ok(
        response.status < 500 || response.status === 501 || response.status === 507,
        `${response.status}`,
      );
      if (response.status < 400 || verb === "HEAD" || response.status === 404)
        await response.arrayBuffer();
      else await problemOf(response);
    }),
    { numRuns: loops(150) },
  );
  assert.deepEqual(server.faults, []);
});

test("pages of other sites are allowed nothing", async (context) => {
  const server = await BytesServer.here(context);
  const headers = { Origin: "https://evil.example", "Access-Control-Request-Method": "POST" };
  const answer = await server.fetch("/uploads", { method: "OPTIONS", headers });
  assert.equal(
    answer.headers.get("Tus-Extension"),
    "creation,creation-with-upload,termination,expiration",
  );
  for (const [name] of answer.headers) assert.doesNotMatch(name, /^access-control/);
});

/** Sends a file by tus, and goes on after every failure. */
function sendByTus(
  server: BytesServer,
  file: string,
  onProgress: (sent: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(createReadStream(file), {
      endpoint: server.at("/uploads"),
      uploadSize: statSync(file).size,
      chunkSize: 64 * 1024 * 1024,
      retryDelays: Array.from({ length: 50 }, () => 100),
      metadata: { filename: "large.tar" },
      onProgress,
      onError: reject,
      onSuccess: () => resolve(),
    });
    upload.start();
  });
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

test("a large archive that is sent in one go takes little memory, and is the same", async (context) => {
  const server = await BytesServer.apart(context);
  const file = join(server.folder, "source.tar");
  const sent = await writeLargeArchive(file, loops(300));
  const body = await openAsBlob(file);
  const path = "/backups/upload?filename=large.tar";
  const response = await server.fetch(path, { method: "POST", body });
  assert.equal(response.status, 201);
  assert.equal(await sha256Of(join(server.location, "large.tar")), sent);
  assert.ok(server.peakBytes() < 250e6, `${server.peakBytes()} bytes in memory`);
});

test("an upload whose server is killed three times is continued, and the archive is the same", async (context) => {
  const server = await BytesServer.apart(context);
  const size = loops(300);
  const file = join(server.folder, "source.tar");
  const sent = await writeLargeArchive(file, size);
  const cuts = [0.2, 0.5, 0.9].map((part) => part * size * 1024 * 1024);
  let cutting = Promise.resolve();
  const peaks: number[] = [];
  await sendByTus(server, file, (bytes) => {
    if (bytes < (cuts[0] ?? Infinity)) return;
    cuts.shift();
    peaks.push(server.peakBytes());
    cutting = cutting.then(() => server.kill()).then(() => server.start());
  });
  await cutting;
  peaks.push(server.peakBytes());
  assert.equal(peaks.length, 4);
  assert.equal(await sha256Of(join(server.location, "large.tar")), sent);
  assert.deepEqual(server.archives(), ["large.tar"]);
  for (const peak of peaks) assert.ok(peak < 250e6, `${peak} bytes in memory`);
});
