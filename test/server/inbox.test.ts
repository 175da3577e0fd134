import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, openAsBlob, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import { basic, DavClient, newToken } from "#test/dav-client.ts";
import { configBackup, encrypt } from "#test/hostile-backup.ts";
import { writeLargeArchive } from "#test/large-archive.ts";
import { loops } from "#test/loops.ts";
import { Bench, type JsonValue } from "#test/safehouse.ts";
import { sampleBytes } from "#test/sample-bytes.ts";
import { TestServer } from "#test/server.ts";

const root = "/dav/inbox/";
const noise = [{ name: "data/noise", content: sampleBytes("noise", 700_000) }];

function archive(slug: string): Promise<Buffer> {
  return configBackup(noise, { json: { slug } });
}

async function put(client: DavClient, name: string, body: Uint8Array | string) {
  return client.ask("PUT", root + encodeURIComponent(name), { body });
}

async function names(client: DavClient): Promise<readonly string[]> {
  const [, ...listed] = await client.list(root);
  return listed.map(({ properties }) => properties["displayname"] ?? "");
}

/** Waits until an arrival has come so far. */
async function arrival(server: TestServer, file: string, state: string): Promise<JsonValue> {
  for (;;) {
    const arrivals = (await server.home("/inbox")).list("arrivals");
    const found = arrivals.find((one) => one.at("file") === file && one.at("state") === state);
    if (found !== undefined) return found;
    await pause(100);
  }
}

/** Files that come in, are set aside or are left behind. */
function hidden({ location }: Bench): string[] {
  return ["incoming", "inbox"].flatMap((name) => {
    const folder = join(location, ".safehouse", name);
    return existsSync(folder) ? readdirSync(folder) : [];
  });
}

test("an archive becomes a backup, is read, and is delivered on; the sender sees it where he put it", async () => {
  using bench = new Bench();
  await using server = await TestServer.start(bench);
  await bench.json("locations", "add", "nas", "--path", join(bench.folder, "nas"));
  await bench.json("inbox", "deliver", "--to", "nas");
  const client = await DavClient.of(server, "inbox");
  const bytes = await archive("0a551570");
  assert.equal((await put(client, "Küche #1.tar", bytes)).status, 201);
  assert.deepEqual(bench.archives(), ["Küche #1.tar"]);
  await arrival(server, "Küche #1.tar", "done");
  assert.deepEqual(readFileSync(join(bench.folder, "nas", "Küche #1.tar")), bytes);
  const runs = (await server.home("/runs")).list("runs");
  const steps = runs.flatMap((one) => one.list("steps").map((step) => step.text("kind")));
  assert.deepEqual(steps.toSorted(), ["deliver", "verify", "verify"]);
  const notes = readFileSync(join(bench.location, ".safehouse/0a551570.json"), "utf8");
  assert.match(notes, /"arrival": \{\s+"by": "inbox",\s+"sender": "inbox \d+"/);
  const got = await client.ask("GET", `${root}${encodeURIComponent("Küche #1.tar")}`);
  assert.deepEqual(got.bytes, bytes);
  const listed = await bench.run("inbox", "list");
  assert.match(listed.out, /0a551570/);
  assert.match(listed.out, /delivered on to nas/);
  const refused = await bench.run("locations", "remove", "nas");
  assert.match(refused.err, /inbox is delivered to it/);
});

test("what the sender deletes is gone from the inbox alone", async () => {
  using bench = new Bench();
  await using server = await TestServer.start(bench);
  const client = await DavClient.of(server, "inbox");
  const bytes = await archive("0a551570");
  await put(client, "a.tar", bytes);
  await put(client, "a.metadata.json", "{}");
  assert.deepEqual(await names(client), ["a.metadata.json", "a.tar"]);
  for (const name of ["a.tar", "a.metadata.json"])
    assert.equal((await client.ask("DELETE", root + name)).status, 204);
  assert.equal((await client.ask("DELETE", `${root}a.tar`)).status, 404);
  assert.deepEqual(await names(client), []);
  assert.deepEqual(readFileSync(join(bench.location, "a.tar")), bytes);
  assert.equal((await client.ask("DELETE", root)).status, 403);
});

test("nothing that is there is replaced, and the same bytes are not kept twice", async () => {
  using bench = new Bench();
  await using server = await TestServer.start(bench);
  const client = await DavClient.of(server, "inbox");
  const [one, two] = [await archive("0a551570"), await archive("0a551571")];
  writeFileSync(join(bench.location, "a.tar"), one);
  assert.equal((await put(client, "a.tar", one)).status, 201);
  assert.deepEqual(bench.archives(), ["a.tar"]);
  assert.equal((await put(client, "a.tar", two)).status, 204, "the entry is another one");
  assert.equal(bench.archives().length, 2);
  assert.deepEqual(readFileSync(join(bench.location, "a.tar")), one);
  assert.deepEqual((await client.ask("GET", `${root}a.tar`)).bytes, two);
  const other = await configBackup([], { json: { slug: "0a551570" } });
  assert.equal(
    (await put(client, "b.tar", other)).status,
    201,
    "good, but of a slug that is there",
  );
  assert.equal(bench.archives().length, 2);
  assert.deepEqual((await client.ask("GET", `${root}b.tar`)).bytes, other);
  const entries = (await server.home("/inbox")).list("entries");
  assert.equal(
    entries.find((entry) => entry.at("path") === "b.tar")?.at("problem"),
    "already-exists",
  );
  assert.equal(hidden(bench).length, 1);
  await client.ask("DELETE", `${root}b.tar`);
  assert.deepEqual(hidden(bench), []);
});

test("what is no good backup is set aside, told to the sender and to people, and listed nowhere", async () => {
  using bench = new Bench();
  await using server = await TestServer.start(bench);
  const client = await DavClient.of(server, "inbox");
  const whole = await archive("0a551570");
  const torn = Buffer.from(whole);
  torn.fill(0, 600, 3000);
  const bad = {
    "cut.tar": whole.subarray(0, 400_000),
    "torn.tar": torn,
    "text.tar": Buffer.from("no tar"),
  };
  for (const [name, bytes] of Object.entries(bad)) {
    const answer = await put(client, name, bytes);
    assert.equal(answer.status, 422, name);
    assert.match(answer.text, /no backup that could be restored/);
    assert.deepEqual((await client.ask("GET", root + name)).bytes, bytes);
  }
  assert.deepEqual(bench.archives(), []);
  assert.equal((await server.home("/backups")).list("backups").length, 0);
  assert.equal(hidden(bench).length, 3);
  const alerts = await bench.json("alerts", "check");
  assert.match(JSON.stringify(alerts.value), /arrival-failed.*3 backups that came/);
  for (const entry of (await server.home("/inbox")).list("entries"))
    await bench.json("inbox", "remove", entry.text("id"));
  assert.deepEqual(hidden(bench), []);
  assert.deepEqual(await names(client), []);
});

test("only archives and what describes them are taken, and only what a client can read again", async () => {
  using bench = new Bench("no home");
  await using server = await TestServer.start(bench);
  const client = await DavClient.of(server, "inbox");
  assert.equal((await put(client, "a.txt", "a")).status, 403);
  assert.equal((await put(client, ".hidden.tar", "a")).status, 403);
  // Home Assistant shows no backup at all while there is such a file (core#166054).
  for (const text of ["", "{", "1"])
    assert.equal((await put(client, "a.metadata.json", text)).status, 422);
  assert.equal((await put(client, "a.metadata.json", `"${"a".repeat(1_100_000)}"`)).status, 413);
  assert.equal((await client.ask("PUT", `${root}no/a.metadata.json`, { body: "{}" })).status, 409);
  assert.equal((await client.ask("MKCOL", `${root}no/such`)).status, 409);
  assert.equal((await client.ask("MKCOL", `${root}no`)).status, 201);
  assert.equal((await client.ask("MKCOL", `${root}no/`)).status, 405);
  assert.equal((await client.ask("PUT", `${root}no/a.metadata.json`, { body: "{}" })).status, 201);
  assert.equal((await client.ask("COPY", `${root}no`)).status, 405);
  const to = { Destination: `${server.url}${root}yes` };
  assert.equal((await client.ask("MOVE", `${root}no`, { headers: to })).status, 201);
  const [, ...inFolder] = await client.list(`${root}yes`);
  assert.equal(inFolder[0]?.href, `${root}yes/a.metadata.json`);
  assert.equal((await client.ask("DELETE", `${root}yes`)).status, 204);
  assert.deepEqual(await names(client), []);
});

test("each name of a token has an inbox to itself, and a new token of that name goes on with it", async () => {
  using bench = new Bench("no home");
  await using server = await TestServer.start(bench);
  const make = async (name: string): Promise<DavClient> => {
    const json = { name, scope: "inbox" };
    const made = await server.ask("/api/v1/access/tokens", { json });
    return new DavClient(server, made.json.text("token"));
  };
  const [kitchen, cellar] = [await make("kitchen"), await make("cellar")];
  await put(kitchen, "a.metadata.json", "{}");
  assert.deepEqual(await names(cellar), []);
  assert.equal((await cellar.ask("DELETE", `${root}a.metadata.json`)).status, 404);
  const tokens = (await server.ask("/api/v1/access/tokens")).json.list("tokens");
  const id = tokens.find((token) => token.at("name") === "kitchen")?.text("id") ?? "";
  await server.ask(`/api/v1/access/tokens/${id}`, { method: "DELETE" });
  assert.equal((await kitchen.ask("GET", `${root}a.metadata.json`)).status, 401);
  assert.deepEqual(await names(await make("kitchen")), ["a.metadata.json"]);
});

test("a token for the inbox does nothing else", async () => {
  using bench = new Bench();
  await using server = await TestServer.start(bench);
  const token = await newToken(server, "inbox");
  const description = (await server.ask("/api/v1/openapi.json")).json;
  const open: string[] = [];
  for (const [path, route] of Object.entries(description.at("paths") as object))
    for (const method of Object.keys(route as object)) {
      const asked = path.replaceAll(/\{\w+\}/g, "x");
      const { status } = await server.ask(asked, { method: method.toUpperCase(), token });
      if (status !== 403) open.push(`${method} ${path} ${status}`);
    }
  assert.deepEqual(open.toSorted(), [
    "delete /api/v1/access/session 204",
    "get /api/v1/access/session 200",
    "post /api/v1/access/session 400",
    "post /api/v1/access/set-up/session 400",
  ]);
  for (const path of ["/backups", "/v2/backups", "/metrics"])
    assert.equal((await server.ask(path, { token })).status, 403, path);
  const reads = await DavClient.of(server, "restore");
  assert.equal((await reads.ask("PROPFIND", root, { headers: { Depth: "0" } })).status, 403);
});

test("a sender that goes away leaves nothing", async () => {
  using bench = new Bench("no home");
  await using server = await TestServer.start(bench);
  const token = await newToken(server, "inbox");
  for (const announced of [{ "Content-Length": "2000000" }, { "Transfer-Encoding": "chunked" }]) {
    const headers = { Authorization: basic("a", token), ...announced };
    const sending = request(`${server.url}${root}a.tar`, { method: "PUT", headers });
    sending.on("error", () => undefined);
    sending.write(Buffer.alloc(1_000_000));
    while (hidden(bench).length === 0) await pause(10);
    sending.destroy();
    while (hidden(bench).length > 0) await pause(10);
  }
  assert.deepEqual(await names(new DavClient(server, token)), []);
});

test("more than the location has room for is refused before its first byte", async () => {
  using bench = new Bench("no home");
  await using server = await TestServer.start(bench);
  const token = await newToken(server, "inbox");
  const headers = { Authorization: basic("a", token), "Content-Length": "900000000000000" };
  const sending = request(`${server.url}${root}a.tar`, { method: "PUT", headers });
  sending.on("error", () => undefined);
  sending.flushHeaders();
  const [response] = (await once(sending, "response")) as [{ readonly statusCode: number }];
  assert.equal(response.statusCode, 507);
  sending.destroy();
});

test("an archive whose backup is gone is shown no longer; one that lies elsewhere comes from there", async () => {
  using bench = new Bench();
  await using server = await TestServer.start(bench);
  await bench.json("locations", "add", "nas", "--path", join(bench.folder, "nas"));
  await bench.json("inbox", "deliver", "--to", "nas");
  const client = await DavClient.of(server, "inbox");
  const bytes = await archive("0a551570");
  await put(client, "a.tar", bytes);
  await put(client, "a.metadata.json", "{}");
  await arrival(server, "a.tar", "done");
  rmSync(join(bench.location, "a.tar"));
  await server.home("/backups");
  assert.deepEqual((await client.ask("GET", `${root}a.tar`)).bytes, bytes);
  await server.home("/backups/a.tar?location=nas", { method: "DELETE" });
  await server.home("/backups");
  assert.equal((await client.ask("GET", `${root}a.tar`)).status, 404);
  assert.deepEqual(await names(client), []);
});

test("a backup of any size comes in and goes out in little memory", async () => {
  using bench = new Bench("no home");
  await using server = await TestServer.start(bench);
  const token = await newToken(server, "inbox");
  const file = join(bench.folder, "large.tar");
  const mebibytes = loops(1) > 1 ? 3000 : 300;
  await writeLargeArchive(file, mebibytes, await encrypt(Buffer.from("anything"), 3));
  const body = (await openAsBlob(file)).stream();
  const url = `${server.url}${root}large.tar`;
  const headers = { Authorization: basic("a", token) };
  // Chunked, as whoever does not know how long it will be.
  const sent = await fetch(url, { method: "PUT", headers, body, duplex: "half" });
  assert.equal(sent.status, 201, await sent.text());
  const got = await fetch(url, { headers });
  let length = 0;
  for await (const piece of got.body ?? []) length += (piece as Uint8Array).length;
  assert.ok(length > mebibytes * 1024 * 1024);
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  assert.ok(peak < 250_000_000, `${peak} bytes`);
});
