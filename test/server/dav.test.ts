import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  existsSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { networkInterfaces } from "node:os";
import { get } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { basic, DavClient, newToken } from "#test/dav-client.ts";
import { configBackup } from "#test/hostile-backup.ts";
import { loops } from "#test/loops.ts";
import { Bench } from "#test/safehouse.ts";
import { sampleBytes } from "#test/sample-bytes.ts";
import { TestServer } from "#test/server.ts";

const run = promisify(execFile);
const root = "/dav/backups/";
const absent = (program: string): false | string =>
  existsSync(`/usr/bin/${program}`) ? false : `absent: ${program}`;

/** A server with one encrypted archive of an odd name, one that is not encrypted, and a file that is no backup. */
async function withArchives(bench: Bench) {
  const name = "Ünï & <odd> 100% #1 + 'q' 🙂.tar";
  const noise = [{ name: "data/noise", content: sampleBytes("noise", 700_000) }];
  const sealed = await configBackup(noise, { encrypted: 3, json: { slug: "5ea1ed00" } });
  const plain = await configBackup(noise);
  const files = { [name]: sealed, "plain.tar": plain, "no backup.tar": Buffer.from("nothing") };
  for (const [file, bytes] of Object.entries(files)) {
    writeFileSync(join(bench.location, file), bytes);
    utimesSync(join(bench.location, file), 1_760_000_000, 1_760_000_000);
  }
  writeFileSync(join(bench.location, "notes.txt"), "not for others");
  return { server: await TestServer.start(bench), name, sealed, plain };
}

test("a file explorer sees the archives of the default location, as they are and nothing else", async () => {
  using bench = new Bench();
  const { server, name, sealed } = await withArchives(bench);
  await using _ = server;
  const client = await DavClient.of(server, "read");
  const [folder, ...files] = await client.list(root);
  assert.equal(folder?.href, root);
  assert.ok(folder.isFolder);
  const names = files.map(({ properties }) => properties["displayname"] ?? "");
  assert.deepEqual(names.toSorted(), ["no backup.tar", "plain.tar", name].toSorted());
  const file = files.find(({ properties }) => properties["displayname"] === name);
  assert.equal(file?.href, root + encodeURIComponent(name));
  assert.equal(file.properties["getcontentlength"], String(sealed.length));
  assert.equal(file.properties["getlastmodified"], "Thu, 09 Oct 2025 08:53:20 GMT");
  assert.equal(file.properties["getcontenttype"], "application/x-tar");
  const { headers } = await client.ask("HEAD", file.href);
  assert.equal(headers["etag"], file.properties["getetag"]);
  assert.equal(headers["content-length"], String(sealed.length));
  const [alone, ...more] = await client.list(file.href, "0");
  assert.deepEqual(alone, file);
  assert.equal(more.length, 0);
  const [only, ...none] = await client.list("/dav/backups", "0");
  assert.equal(only?.href, root);
  assert.equal(none.length, 0, "depth 0 is about the folder alone");
});

test("a client gets the properties that it asks for, and hears which there are not", async () => {
  using bench = new Bench();
  const { server } = await withArchives(bench);
  await using _ = server;
  const client = await DavClient.of(server, "read");
  const body = `<?xml version="1.0"?><a:propfind xmlns:a="DAV:" xmlns:w="urn:w"><a:prop>
    <a:getcontentlength/><w:Win32FileAttributes/><quota-available-bytes xmlns="DAV:"/></a:prop></a:propfind>`;
  const [folder] = await client.list(root, "0", body);
  assert.deepEqual(folder?.absent, ["getcontentlength", "Win32FileAttributes"]);
  assert.ok(Number(folder.properties["quota-available-bytes"]) > 0);
  const file = (await client.list(`${root}plain.tar`, "0", body))[0];
  assert.deepEqual(Object.keys(file?.properties ?? {}), ["getcontentlength"]);
  const named = `<propfind xmlns="DAV:"><propname/></propfind>`;
  const [names] = await client.list(root, "0", named);
  assert.ok(names?.absent.length === 0 && "resourcetype" in names.properties);
  for (const broken of [
    "<propfind",
    "<a/>",
    `<!DOCTYPE a [<!ENTITY b "c">]><propfind xmlns="DAV:">&b;</propfind>`,
  ])
    assert.equal(
      (await client.ask("PROPFIND", root, { headers: { Depth: "0" }, body: broken })).status,
      400,
    );
  const long = `<propfind xmlns="DAV:">${" ".repeat(70_000)}</propfind>`;
  assert.equal(
    (await client.ask("PROPFIND", root, { headers: { Depth: "0" }, body: long })).status,
    413,
  );
});

test("everything at any depth is not asked for in one go", async () => {
  using bench = new Bench("no home");
  await using server = await TestServer.start(bench);
  const client = await DavClient.of(server, "read");
  for (const headers of [{ Depth: "infinity" }, {}]) {
    const answer = await client.ask("PROPFIND", root, { headers });
    assert.equal(answer.status, 403);
    assert.match(answer.text, /<D:propfind-finite-depth\/>/);
  }
});

test("a file comes byte for byte, whole or by a range, and not again if it is known", async () => {
  using bench = new Bench();
  const { server, name, sealed } = await withArchives(bench);
  await using _ = server;
  const client = await DavClient.of(server, "read");
  const path = root + encodeURIComponent(name);
  const whole = await client.ask("GET", path);
  assert.deepEqual([whole.status, whole.bytes], [200, sealed]);
  const tag = String(whole.headers["etag"]);
  const part = await client.ask("GET", path, {
    headers: { Range: "bytes=1000-1999", "If-Range": tag },
  });
  assert.deepEqual([part.status, part.bytes], [206, sealed.subarray(1000, 2000)]);
  const known = await client.ask("GET", path, { headers: { "If-None-Match": tag } });
  assert.equal(known.status, 304);
  for (const missing of [
    "nothing.tar",
    "notes.txt",
    ".safehouse/location.json",
    "%2e%2e%2fdata%2faccess.json",
    "a/../../x",
    "%00",
  ])
    assert.equal((await client.ask("GET", root + missing)).status, 404, missing);
});

test("nothing can be changed", async () => {
  using bench = new Bench();
  const { server, plain } = await withArchives(bench);
  await using _ = server;
  const client = await DavClient.of(server, "admin");
  const path = `${root}plain.tar`;
  for (const method of [
    "PUT",
    "DELETE",
    "MKCOL",
    "MOVE",
    "COPY",
    "PROPPATCH",
    "LOCK",
    "UNLOCK",
    "POST",
  ]) {
    const headers = { Destination: `${server.url}${root}other.tar` };
    const answer = await client.ask(method, path, { headers, body: "anything" });
    assert.equal(answer.status, 405, method);
    assert.match(String(answer.headers["allow"]), /PROPFIND/);
  }
  assert.deepEqual(readFileSync(join(bench.location, "plain.tar")), plain);
  const options = await client.ask("OPTIONS", root);
  assert.equal(options.headers["dav"], "1");
  assert.equal(options.headers["allow"], "OPTIONS, PROPFIND, GET, HEAD");
  assert.ok(options.headers["content-security-policy"]);
});

test("only a token lets in, under any name", async () => {
  using bench = new Bench("no home");
  await using server = await TestServer.start(bench);
  const stranger = new DavClient(server, undefined);
  const asked = await stranger.ask("PROPFIND", root, { headers: { Depth: "0" } });
  assert.equal(asked.status, 401);
  assert.match(String(asked.headers["www-authenticate"]), /^Basic realm="Safehouse"/);
  const token = await newToken(server, "read");
  for (const authorization of [basic("", token), basic("ünï", token), `Bearer ${token}`]) {
    const headers = { Depth: "0", Authorization: authorization };
    assert.equal((await stranger.ask("PROPFIND", root, { headers })).status, 207);
  }
  const foreign = { Depth: "0", Authorization: basic("a", token), "Sec-Fetch-Site": "cross-site" };
  assert.equal((await stranger.ask("PROPFIND", root, { headers: foreign })).status, 403);
  const inbox = await DavClient.of(server, "inbox");
  assert.equal((await inbox.ask("PROPFIND", root, { headers: { Depth: "0" } })).status, 403);
  const basicElsewhere = { headers: { Authorization: basic("a", token) }, token: null };
  assert.equal((await server.ask("/api/v1/homes/home/backups", basicElsewhere)).status, 401);
});

test("who shows wrong tokens waits longer and longer, and who has a right one does not", async () => {
  using bench = new Bench("no home");
  await using server = await TestServer.start(bench);
  const wrong = new DavClient(server, `sh_${"a".repeat(49)}`);
  const statuses: number[] = [];
  for (let guess = 0; guess < 7; guess += 1)
    statuses.push((await wrong.ask("PROPFIND", root, { headers: { Depth: "0" } })).status);
  assert.equal(statuses[0], 401);
  assert.equal(statuses.at(-1), 429);
  const session = await server.ask("/api/v1/access/session", {
    token: null,
    json: { password: "x" },
  });
  assert.notEqual(session.status, 429, "who wants to sign in is not held up by them");
  const right = await DavClient.of(server, "read");
  assert.equal((await right.list(root, "0")).length, 1);
});

test("whoever may only look gets what is encrypted, and no secrets", async () => {
  using bench = new Bench();
  const { server, name } = await withArchives(bench);
  await using _ = server;
  const looks = await DavClient.of(server, "read");
  assert.equal((await looks.ask("GET", root + encodeURIComponent(name))).status, 200);
  for (const file of ["plain.tar", "no%20backup.tar"]) {
    const refused = await looks.ask("GET", root + file);
    assert.equal(refused.status, 403);
    assert.match(refused.text, /not encrypted.*scope restore/);
  }
  const restores = await DavClient.of(server, "restore");
  assert.equal((await restores.ask("GET", `${root}plain.tar`)).status, 200);
});

test("over plain HTTP from elsewhere no password is even asked for, until a person has allowed it", async () => {
  using bench = new Bench("no home");
  await using server = await TestServer.start(bench, { args: ["--host", "0.0.0.0"] });
  const client = await DavClient.of(server, "read");
  const stranger = new DavClient(server, undefined);
  const { port } = new URL(server.url);
  const addresses = Object.values(networkInterfaces()).flat();
  const elsewhere = addresses.find((one) => one?.family === "IPv4" && !one.internal)?.address;
  const fromElsewhere = (): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      get(`http://${elsewhere}:${port}${root}`, (response) =>
        resolve(response.resume().statusCode),
      ).on("error", reject);
    });
  // As a proxy on this machine tells it of somebody in the network.
  const behindProxy = { Depth: "0", "X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "http" };
  const refused = await stranger.ask("PROPFIND", root, { headers: behindProxy });
  assert.equal(refused.status, 403);
  assert.match(refused.text, /sharing change --webdav-over-http/);
  if (elsewhere !== undefined) assert.equal(await fromElsewhere(), 403);
  const secure = { ...behindProxy, "X-Forwarded-Proto": "https" };
  assert.equal((await client.ask("PROPFIND", root, { headers: secure })).status, 207);
  const changed = await bench.json("sharing", "change", "--webdav-over-http");
  assert.equal(changed.at("webdavOverHttp"), true);
  assert.equal((await client.ask("PROPFIND", root, { headers: behindProxy })).status, 207);
  if (elsewhere !== undefined) assert.equal(await fromElsewhere(), 401);
  await bench.json("sharing", "change", "--no-webdav-over-http");
  assert.equal((await stranger.ask("PROPFIND", root, { headers: behindProxy })).status, 403);
});

test("rclone lists and fetches the same files", { skip: absent("rclone") }, async () => {
  using bench = new Bench();
  const { server, name, sealed, plain } = await withArchives(bench);
  await using _ = server;
  const token = await newToken(server, "restore");
  const { stdout: obscured } = await run("rclone", ["obscure", token]);
  const env = {
    ...process.env,
    RCLONE_CONFIG: "/dev/null",
    RCLONE_WEBDAV_URL: `${server.url}${root}`,
    RCLONE_WEBDAV_USER: "me",
    RCLONE_WEBDAV_PASS: obscured.trim(),
  };
  const listed = await run("rclone", ["lsjson", ":webdav:"], { env });
  const files = JSON.parse(listed.stdout) as { Name: string; Size: number; ModTime: string }[];
  const found = files.find((file) => file.Name === name);
  assert.equal(found?.Size, sealed.length);
  assert.equal(Date.parse(found.ModTime), 1_760_000_000_000);
  const to = join(bench.folder, "fetched");
  await run("rclone", ["copy", ":webdav:", to], { env });
  assert.deepEqual(readFileSync(join(to, name)), sealed);
  assert.deepEqual(readFileSync(join(to, "plain.tar")), plain);
  await assert.rejects(
    run("rclone", ["--retries", "1", "deletefile", ":webdav:plain.tar"], { env }),
  );
  assert.ok(existsSync(join(bench.location, "plain.tar")));
});

test(
  "curl fetches a file beyond 4 GiB and goes on in it, and the server stays small",
  { skip: absent("curl") },
  async () => {
    using bench = new Bench("no home");
    await using server = await TestServer.start(bench);
    const size = loops(1) > 1 ? 8_000_000_000 : 4_400_000_000;
    const file = join(bench.location, "large.tar");
    writeFileSync(file, "");
    truncateSync(file, size);
    const token = await newToken(server, "restore");
    const url = `${server.url}${root}large.tar`;
    const fetched = join(bench.folder, "fetched.tar");
    writeFileSync(fetched, "");
    truncateSync(fetched, size - 1_000_000);
    await run("curl", ["-sS", "-f", "-C", "-", "-u", `me:${token}`, "-o", fetched, url]);
    assert.equal(statSync(fetched).size, size);
    const amount = loops(300_000_000);
    const range = `bytes=100-${99 + amount}`;
    const out = ["-o", "/dev/null", "-w", "%{http_code} %{size_download}"];
    const got = await run("curl", [
      "-sS",
      "-H",
      `Range: ${range}`,
      "-u",
      `me:${token}`,
      ...out,
      url,
    ]);
    assert.equal(got.stdout, `206 ${amount}`);
    const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
    const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
    assert.ok(peak < 250_000_000, `${peak} bytes`);
  },
);
