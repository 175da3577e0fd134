import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { SafehouseError } from "#core/model/problem.ts";
import { ProductHome } from "#test/supervisor/product-home.ts";
import {
  serveSupervisor,
  tokens,
  type SupervisorServer,
} from "#test/supervisor/serve-supervisor.ts";

let home: ProductHome;
let server: SupervisorServer;
/** A backup that was made, downloaded and removed again. */
let archive: Buffer;
let slug = "";

before(async () => {
  home = await ProductHome.open();
  server = await serveSupervisor(home);
  const made = await server.call("POST", "/backups/new/partial", { folders: ["ssl", "share"] });
  slug = String(made.data["slug"]);
  const response = await server.ask(`/backups/${slug}/download`);
  archive = Buffer.from(await response.arrayBuffer());
  await server.call("DELETE", `/backups/${slug}`);
});

after(async () => {
  assert.deepEqual(server.faults, []);
  await server[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const type = { "Content-Type": "multipart/form-data; boundary=limit" };

/** As aiohttp writes a part that has no name. */
function nameless(content: Uint8Array): Buffer {
  const head = `--limit\r\nContent-Type: application/octet-stream\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), content, Buffer.from("\r\n--limit--\r\n")]);
}

interface Uploaded {
  readonly status: number;
  readonly result?: unknown;
  readonly data?: unknown;
  readonly message?: unknown;
}

async function upload(body: Uint8Array, query = ""): Promise<Uploaded> {
  const response = await server.ask(`/backups/new/upload${query}`, {
    method: "POST",
    headers: type,
    body: Uint8Array.from(body),
  });
  return { status: response.status, ...((await response.json()) as object) };
}

function archivesAt(location: string): string[] {
  return readdirSync(home.folderOf(location)).filter((name) => name.endsWith(".tar"));
}

describe("an upload", () => {
  test("is the first part of a body, which has no name, and comes as it is", async () => {
    const uploaded = await upload(nameless(archive), "?filename=Home.tar");
    assert.deepEqual(uploaded, { status: 200, result: "ok", data: { slug } });
    const stored = readFileSync(join(home.folderOf(".local"), "Home.tar"));
    assert.ok(stored.equals(archive));
    await server.call("DELETE", `/backups/${slug}`);
  });

  test("goes to the local location unless others are named, and then to all of these", async () => {
    await upload(nameless(archive));
    assert.deepEqual([archivesAt(".local").length, archivesAt("nas").length], [1, 0]);
    await server.call("DELETE", `/backups/${slug}`);
    await upload(nameless(archive), "?location=nas&location=attic&filename=a.tar");
    assert.deepEqual(["nas", "attic"].map(archivesAt), [["a.tar"], ["a.tar"]]);
    await server.call("DELETE", `/backups/${slug}`);
  });

  test("may come from a browser's form", async () => {
    const form = new FormData();
    form.append("file", new Blob([Uint8Array.from(archive)]), "../../outside.tar");
    const response = await server.ask("/backups/new/upload", { method: "POST", body: form });
    assert.equal(response.status, 200);
    await server.call("DELETE", `/backups/${slug}`);
  });

  test("that ends early leaves nothing and is never listed", async () => {
    const body = nameless(archive);
    for (const length of [
      0,
      100,
      body.length - archive.length,
      body.length - 20,
      body.length - 6,
    ]) {
      const { status, result } = await upload(body.subarray(0, length));
      assert.deepEqual([status, result], [400, "error"], `${length} bytes`);
    }
    assert.deepEqual(archivesAt(".local"), []);
    assert.deepEqual((await server.call("GET", "/backups")).data, { backups: [] });
  });

  test("whose sender goes away leaves nothing either", async () => {
    const { resolve: seen, promise: ended } = Promise.withResolvers<unknown>();
    const take = home.backups.upload.bind(home.backups);
    home.backups.upload = (content, target) => {
      const result = take(content, target);
      result.then(() => seen("taken"), seen);
      return result;
    };
    const headers = { ...type, Authorization: `Bearer ${tokens.admin}`, "Content-Length": 1e9 };
    const sending = request(`${server.url}/backups/new/upload`, { method: "POST", headers });
    sending.on("error", () => undefined);
    sending.write(nameless(archive).subarray(0, -30), () => sending.destroy());
    const error = await ended;
    Reflect.deleteProperty(home.backups, "upload");
    assert.ok(error instanceof Error);
    assert.equal("problem" in error && error.problem, "truncated");
    assert.deepEqual(archivesAt(".local"), []);
  });

  test("that is no backup is refused", async () => {
    const { status, message } = await upload(nameless(Buffer.from("nonsense")));
    assert.equal(status, 400);
    assert.match(String(message), /\w+ \w+/);
    assert.deepEqual(archivesAt(".local"), []);
  });

  test("that is no multipart body, or goes nowhere, is refused", async () => {
    const json = { "Content-Type": "application/json" };
    const plain = { method: "POST", headers: json, body: "{}" };
    const refused = await server.ask("/backups/new/upload", plain);
    assert.match(await refused.text(), /has to be a multipart/);
    assert.equal((await upload(nameless(archive), "?location=cellar")).status, 404);
    assert.equal((await upload(nameless(archive), "?filename=..%2Fa.tar")).status, 400);
  });

  test("that is refused at once is told why, however much of it is still to come", async () => {
    const large = nameless(Buffer.alloc(48 * 1024 * 1024));
    assert.equal((await upload(large, "?location=cellar")).status, 404);
    home.backups.upload = async (content) => {
      for await (const _ of content) break;
      throw new SafehouseError("no-space", "There is no room for it");
    };
    const { status, message } = await upload(large);
    Reflect.deleteProperty(home.backups, "upload");
    assert.deepEqual([status, message], [400, "There is no room for it"]);
  });

  test("is never held in memory, however slowly it is taken", async () => {
    const chunk = Buffer.alloc(256 * 1024, 7);
    const chunks = 512;
    let sent = 0;
    let furthestAhead = 0;
    let taken = 0;
    home.backups.upload = async (content) => {
      for await (const bytes of content) {
        taken += bytes.length;
        furthestAhead = Math.max(furthestAhead, sent - taken);
        await new Promise(setImmediate);
      }
      return slug;
    };
    async function* body() {
      yield Buffer.from("--limit\r\n\r\n");
      for (let index = 0; index < chunks; index += 1) {
        sent += chunk.length;
        yield chunk;
      }
      yield Buffer.from("\r\n--limit--\r\n");
    }
    const answer = await server.ask("/backups/new/upload", {
      method: "POST",
      headers: type,
      body: ReadableStream.from(body()),
      duplex: "half",
    });
    Reflect.deleteProperty(home.backups, "upload");
    assert.equal(answer.status, 200);
    assert.equal(taken, chunk.length * chunks);
    assert.ok(furthestAhead < 32 * 1024 * 1024, `${furthestAhead} bytes lay between`);
  });
});

describe("a download", () => {
  before(() => upload(nameless(archive), "?filename=Home%20%C3%BC.tar"));
  const get = (headers: Record<string, string> = {}, method = "GET") =>
    server.ask(`/backups/${slug}/download`, { headers, method });

  test("is the archive as it is stored, under its name", async () => {
    const response = await get();
    assert.equal(response.headers.get("Content-Type"), "application/tar");
    assert.equal(response.headers.get("Content-Length"), String(archive.length));
    assert.equal(
      response.headers.get("Content-Disposition"),
      `attachment; filename="Home _.tar"; filename*=UTF-8''Home%20%C3%BC.tar`,
    );
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(archive));
  });

  test("may be a part of it, if it is still the same", async () => {
    const whole = await get({}, "HEAD");
    assert.equal(whole.headers.get("Content-Length"), String(archive.length));
    const tag = whole.headers.get("ETag") ?? "";
    const modified = whole.headers.get("Last-Modified") ?? "";
    for (const condition of [tag, modified]) {
      const response = await get({ Range: "bytes=100-199", "If-Range": condition });
      assert.equal(response.status, 206);
      assert.equal(response.headers.get("Content-Range"), `bytes 100-199/${archive.length}`);
      const bytes = Buffer.from(await response.arrayBuffer());
      assert.ok(bytes.equals(archive.subarray(100, 200)));
    }
    const changed = await get({ Range: "bytes=100-199", "If-Range": '"another"' });
    assert.equal(changed.status, 200);
    assert.equal((await changed.arrayBuffer()).byteLength, archive.length);
  });

  test("is nothing for those who have it, and for a range outside of it", async () => {
    const tag = (await get({}, "HEAD")).headers.get("ETag") ?? "";
    assert.equal((await get({ "If-None-Match": `"x", ${tag}` })).status, 304);
    const outside = await get({ Range: `bytes=${archive.length}-` });
    assert.equal(outside.status, 416);
    assert.equal(outside.headers.get("Content-Range"), `bytes */${archive.length}`);
  });

  test("comes from a location that has it", async () => {
    const response = await server.ask(`/backups/${slug}/download?location=nas`);
    const { message } = (await response.json()) as { message: string };
    assert.deepEqual([response.status, message], [400, `Backup ${slug} is not in location nas`]);
    const local = await server.ask(`/backups/${slug}/download?location=.local`, { method: "HEAD" });
    assert.equal(local.status, 200);
  });

  test("closes its archive, whatever becomes of it", async () => {
    const open = home.backups.open.bind(home.backups);
    const closings: Promise<void>[] = [];
    home.backups.open = async (...place) => {
      const stored = await open(...place);
      const { promise, resolve } = Promise.withResolvers<void>();
      closings.push(promise);
      const { size } = stored.source;
      const close = async (): Promise<void> => {
        await stored.source.close();
        resolve();
      };
      // Little by little, so that the answer is far from its end when its client goes away.
      const read = (offset: number, length: number) =>
        stored.source.read(offset, Math.min(length, 64));
      return { ...stored, source: { size, read, close } };
    };
    const cases = [get({}, "HEAD"), get({ Range: "bytes=0-10" }), get({ Range: "bytes=9999999-" })];
    for (const response of await Promise.all(cases)) await response.arrayBuffer();
    const broken = await get();
    await broken.body?.cancel();
    assert.equal(closings.length, 4);
    await Promise.all(closings);
    Reflect.deleteProperty(home.backups, "open");
  });
});
