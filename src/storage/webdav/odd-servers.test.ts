import { strict as assert } from "node:assert";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { manyBytes } from "#test/places/many-bytes.ts";
import { multistatusOf, scriptedDav, type Answer } from "#test/places/scripted-dav.ts";
import { content, listed, readAll, rejectsWith } from "../contract/objects.ts";
import { diagnoseWebdav } from "./diagnose.ts";
import { WebdavStorage } from "./provider.ts";
import { parseWebdavSettings } from "./settings.ts";

const { signal } = new AbortController();

async function placeAt(context: TestContext, answer: Answer, more: object = {}) {
  const { url, log } = await scriptedDav(context, answer);
  return { url, log, storage: new WebdavStorage(parseWebdavSettings({ url, ...more })) };
}

function sayXml(response: ServerResponse, body: string): void {
  response.writeHead(207, { "content-type": "application/xml" }).end(body);
}

/** A server with one folder of files in memory that does little; `other` answers before it if it wants to. */
function memoryDav(files: Map<string, Buffer>, other: Answer = () => undefined): Answer {
  return (request, response) => {
    other(request, response);
    if (!response.headersSent && !response.destroyed) void answerFrom(files, request, response);
  };
}

async function answerFrom(
  files: Map<string, Buffer>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method, url = "" } = request;
  if (request.headers.expect !== undefined) response.writeContinue();
  const body = await buffer(request).catch(() => undefined);
  if (body === undefined) return;
  const file = files.get(url);
  if (method === "PROPFIND" && url === "/dav/") {
    const sizes = Array.from(files, ([path, { length }]) => [path, length] as const);
    const inside = request.headers.depth === "1" ? Object.fromEntries(sizes) : {};
    return sayXml(response, multistatusOf({ "/dav/": 0, ...inside }));
  }
  if (method === "PUT") {
    files.set(url, body);
    return void response.writeHead(201).end();
  }
  if (file === undefined) return void response.writeHead(404).end();
  if (method === "PROPFIND") return sayXml(response, multistatusOf({ [url]: file.length }));
  if (method === "GET") return void response.writeHead(200).end(file);
  files.delete(url);
  if (method === "MOVE") {
    files.set(new URL(String(request.headers.destination), "http://x").pathname, file);
  }
  response.writeHead(204).end();
}

test("a server that ignores ranges gives the right bytes all the same", async (context) => {
  const bytes = manyBytes(300_000);
  const { storage } = await placeAt(context, memoryDav(new Map([["/dav/x", bytes]])));
  const range = { offset: 200_000, length: 1000 };
  const found = await readAll({ storage, signal }, "x", range);
  assert.ok(found.equals(bytes.subarray(200_000, 201_000)));
  const source = await storage.open("x", signal);
  assert.deepEqual(Buffer.from(await source.read(299_990, 50)), bytes.subarray(299_990));
});

test("a body that ends too early is no object, and neither is one that was kept in part", async (context) => {
  const files = new Map([["/dav/x", manyBytes(1000)]]);
  const { storage } = await placeAt(
    context,
    memoryDav(files, ({ method, url }, response) => {
      if (method === "GET") response.writeHead(200, { connection: "close" }).end("short");
      if (method === "PUT") {
        files.set(String(url), Buffer.alloc(0));
        response.writeHead(201).end();
      }
    }),
  );
  await rejectsWith(readAll({ storage, signal }, "x"), "unreachable");
  await assert.rejects(storage.write("y", content("12345"), signal), {
    problem: "damaged",
    facts: { expectedBytes: 5, actualBytes: 0 },
  });
  assert.deepEqual([...files.keys()], ["/dav/x"]);
});

test("a server that wants lengths gets them where they are known, else a spool helps", async (context) => {
  const files = new Map<string, Buffer>();
  const wantsLength = memoryDav(files, ({ method, headers }, response) => {
    if (method !== "PUT" || headers["content-length"] !== undefined) return;
    response.writeHead(411, { connection: "close" }).end();
  });
  const { storage, url } = await placeAt(context, wantsLength);
  const bytes = manyBytes(3_000_000);
  await storage.write("known.tar", { ...content(bytes), size: bytes.length }, signal);
  await assert.rejects(storage.write("x.tar", content(bytes), signal), {
    problem: "unsupported",
    message: /\(spool\)/,
  });
  const spool = await mkdtemp(join(tmpdir(), "safehouse-spool-"));
  context.after(() => rm(spool, { recursive: true }));
  const other = new WebdavStorage(parseWebdavSettings({ url, spool }));
  await using writer = await other.openWrite("x.tar", {}, signal);
  for (let at = 0; at < bytes.length; at += 100_000) {
    await writer.write(bytes.subarray(at, at + 100_000));
  }
  assert.deepEqual(await readdir(spool), [], "what waits has no name");
  await writer.commit();
  assert.ok(files.get("/dav/x.tar")?.equals(bytes));
});

test("a refusal in the middle of a body ends it, with its reason", async (context) => {
  const refusals = [
    [413, "too-large"],
    [507, "full"],
    [401, "sign-in"],
    [403, "denied"],
    [423, "busy"],
    [502, "unreachable"],
  ] as const;
  const tried = refusals.map(async ([status, problem]) => {
    const { storage } = await placeAt(
      context,
      memoryDav(new Map(), ({ method, headers }, response) => {
        if (method !== "PUT") return;
        if (headers.expect !== undefined && status % 2 === 1) response.writeContinue();
        response.writeHead(status, { connection: "close" }).end("<html>No</html>");
      }),
    );
    let taken = 0;
    async function* body(): AsyncGenerator<Uint8Array> {
      for (; taken < 1000; taken += 1) {
        yield Buffer.alloc(100_000);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    await rejectsWith(storage.write("x.tar", { open: body, size: 1e8 }, signal), problem);
    assert.ok(taken < 900, `${taken} pieces were sent to a server that had said ${status}`);
  });
  await Promise.all(tried);
});

test("a server that does not know how to let us send gets the body after a second", async (context) => {
  const files = new Map<string, Buffer>();
  const { storage } = await placeAt(
    context,
    memoryDav(files, ({ method, headers }, response) => {
      if (method === "PUT" && headers.expect !== undefined && files.size === 0) {
        response.writeHead(417, { connection: "close" }).end();
      }
    }),
  );
  const bytes = manyBytes(2_000_000);
  await storage.write("x.tar", content(bytes), signal);
  assert.ok(files.get("/dav/x.tar")?.equals(bytes));
});

test("redirects are followed at the same server, and to no other", async (context) => {
  const files = new Map([["/dav/x", Buffer.from("x")]]);
  const elsewhere: string[] = [];
  const other = await scriptedDav(context, ({ headers }, response) => {
    elsewhere.push(String(headers.authorization));
    response.writeHead(200).end();
  });
  const { storage } = await placeAt(
    context,
    memoryDav(files, ({ method, url }, response) => {
      if (url === "/dav/old") response.writeHead(301, { location: "/dav/x" }).end();
      if (url === "/dav/away") response.writeHead(302, { location: other.url }).end();
      if (url === "/dav/round") response.writeHead(307, { location: "/dav/round" }).end();
      if (method === "PUT") response.writeHead(302, { location: other.url }).end();
    }),
    { user: "anna", password: "secret" },
  );
  assert.equal((await storage.stat("old", signal)).size, 1);
  await assert.rejects(storage.stat("away", signal), {
    problem: "unsupported",
    message: /sends us to http:\/\/127\.0\.0\.1:\d+, where the password will not be sent/,
  });
  await rejectsWith(storage.stat("round", signal), "unsupported");
  await rejectsWith(storage.write("new", content("x"), signal), "unsupported");
  assert.deepEqual(elsewhere, []);
});

test("a server that answers nothing is left within a moment when it is cancelled", async (context) => {
  const { storage } = await placeAt(context, () => undefined);
  const calls: ((cancelled: AbortSignal) => Promise<unknown>)[] = [
    (cancelled) => storage.stat("x", cancelled),
    (cancelled) => storage.write("x", { ...content("x"), overwrite: true }, cancelled),
    (cancelled) => storage.remove("x", cancelled),
    (cancelled) => storage.freeSpace(cancelled),
    (cancelled) => storage.removeLeftovers(cancelled),
    (cancelled) => Array.fromAsync(storage.list("", cancelled)),
  ];
  await Promise.all(
    calls.map(async (call) => {
      const reason = new Error("cancelled by a person");
      const cancel = new AbortController();
      setTimeout(() => cancel.abort(reason), 100);
      await assert.rejects(call(cancel.signal), (error) => error === reason);
    }),
  );
});

test("listings of every kind of server are read", async (context) => {
  const answers: string[] = [
    // Whole addresses, another prefix, names encoded in small letters or not at all.
    `<?xml version="1.0"?><multistatus xmlns="DAV:"><response><href>http://other.example/proxied/dav/</href><propstat><prop><resourcetype><collection/></resourcetype></prop><status>HTTP/1.1 200 OK</status></propstat></response><response><href>http://other.example/proxied/dav/%c3%bc%20b.tar</href><propstat><prop><resourcetype/><getcontentlength>5</getcontentlength></prop><status>HTTP/2 200</status></propstat></response></multistatus>`,
    multistatusOf({ "/dav/": 0, "/dav/ü b.tar": 5, "/dav/sub/": 0, "/dav/sub/deeper": 1 }),
    `<A:multistatus xmlns:A="DAV:"><A:response><A:href><![CDATA[/dav/%C3%BC b.tar]]></A:href><A:propstat><A:prop><B:getcontentlength xmlns:B="urn:other">99</B:getcontentlength><A:getcontentlength>5</A:getcontentlength></A:prop><A:status>HTTP/1.1 200 OK</A:status></A:propstat><A:propstat><A:prop><A:getcontentlength>77</A:getcontentlength></A:prop><A:status>HTTP/1.1 404 Not Found</A:status></A:propstat></A:response><A:response><A:href>/dav/gone</A:href><A:status>HTTP/1.1 404 Not Found</A:status></A:response></A:multistatus>`,
  ];
  for (const body of answers) {
    const { storage } = await placeAt(context, (_, response) => sayXml(response, body));
    const found = await listed({ storage, signal }, "");
    assert.deepEqual(
      found.map(({ key, size }) => [key, size]),
      [["ü b.tar", 5]],
    );
  }
});

test("answers that are hostile or cut are refused, and none is taken for an empty place", async (context) => {
  const good = multistatusOf({ "/dav/": 0, "/dav/x": 1 });
  const bomb = `<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>`;
  const answers = [
    good.slice(0, -20),
    "",
    "<html/>",
    "not XML",
    bomb + good.replace("/dav/x", "&b;"),
    good.replace("/dav/x", "&unknown;"),
    `<d:multistatus xmlns:d="DAV:">${"<d:response>".repeat(10_000)}`,
    `<d:multistatus xmlns:d="DAV:"><d:response ${"a='b' ".repeat(1_000_000)}`,
    `<d:multistatus xmlns:d="DAV:"><d:response><d:href>${"x".repeat(1_000_000)}</d:href>`,
    good.replaceAll("d:", "undeclared:"),
  ];
  for (const body of answers) {
    const { storage } = await placeAt(context, (_, response) => sayXml(response, body));
    await rejectsWith(listed({ storage, signal }, ""), "damaged");
  }
});

test("a listing that fails before anything has come is asked for again", async (context) => {
  let asked = 0;
  const { storage } = await placeAt(context, (_, response) => {
    asked += 1;
    if (asked === 1) return void response.writeHead(502).end();
    if (asked === 2) return void response.destroy();
    sayXml(response, multistatusOf({ "/dav/": 0, "/dav/x": 1 }));
  });
  assert.equal((await listed({ storage, signal }, "")).length, 1);
});

test("a list that the server fails in the middle of is asked for again, and never taken for whole", async (context) => {
  const good = multistatusOf({ "/dav/": 0, "/dav/x": 1 });
  let asked = 0;
  let lasts = 1;
  const { storage } = await placeAt(context, (_, response) => {
    asked += 1;
    sayXml(response, asked > lasts ? good : `${good}Internal Server Error`);
  });
  assert.equal((await listed({ storage, signal }, "")).length, 1);
  lasts = Infinity;
  await rejectsWith(listed({ storage, signal }, ""), "busy");
});

test("what is listed by another name than a file of this folder leads nowhere else", async (context) => {
  const sizes = {
    "/dav/": 0,
    "/dav/..%2f..%2fetc": 1,
    "/dav/%2e%2e": 1,
    "/dav/a%00b": 1,
    "/dav/x": 1,
  };
  const { storage } = await placeAt(context, (_, response) =>
    sayXml(response, multistatusOf(sizes)),
  );
  assert.deepEqual(
    (await listed({ storage, signal }, "")).map(({ key }) => key),
    ["x"],
  );
});

test("ten thousand objects are listed as they come", async (context) => {
  const names = Array.from({ length: 10_000 }, (_, index) => `/dav/object%20${index}`);
  const sizes = Object.fromEntries(names.map((name, index) => [name, index]));
  const { storage } = await placeAt(context, (_, response) =>
    sayXml(response, multistatusOf({ "/dav/": 0, ...sizes })),
  );
  let pages = 0;
  let objects = 0;
  for await (const page of storage.list("", signal)) {
    pages += 1;
    objects += page.length;
  }
  assert.equal(objects, 10_000);
  assert.ok(pages > 10);
});

test("a server that speaks of Digest only, or is none, is told as what it is", async (context) => {
  const { storage, url } = await placeAt(context, (_, response) => {
    response.writeHead(401, { "www-authenticate": 'Digest realm="x", nonce="y"' }).end();
  });
  await assert.rejects(storage.stat("x", signal), { problem: "sign-in", message: /Digest/ });
  const steps = await Array.fromAsync(diagnoseWebdav(parseWebdavSettings({ url }), signal));
  assert.equal(steps.at(-1)?.subject, "sign-in");
  const plain = await placeAt(context, (_, response) => void response.writeHead(405).end());
  await assert.rejects(plain.storage.stat("x", signal), { problem: "unsupported", message: /405/ });
});

test("a move whose answer is lost is found to be done", async (context) => {
  const files = new Map<string, Buffer>();
  const { storage } = await placeAt(
    context,
    memoryDav(files, ({ method, url, headers }, response) => {
      const file = files.get(String(url));
      if (method !== "MOVE" || file === undefined) return;
      files.set(new URL(String(headers.destination)).pathname, file);
      files.delete(String(url));
      response.destroy();
    }),
  );
  assert.equal((await storage.write("x", content("12345"), signal)).size, 5);
});

test("a server that knows itself by another name is told paths only", async (context) => {
  const files = new Map<string, Buffer>();
  const { storage } = await placeAt(
    context,
    memoryDav(files, ({ method, headers }, response) => {
      const isForeign = String(headers.destination).startsWith("http");
      if (method === "MOVE" && isForeign) response.writeHead(502).end();
    }),
  );
  await storage.write("x", content("1"), signal);
  await storage.write("y", content("2"), signal);
  assert.deepEqual([...files.keys()], ["/dav/x", "/dav/y"]);
});

test("a server that never lets us send is asked for it once, and not for each object", async (context) => {
  const files = new Map<string, Buffer>();
  const asked: boolean[] = [];
  const { storage } = await placeAt(context, (request, response) => {
    if (request.method === "PUT") asked.push(request.headers.expect !== undefined);
    delete request.headers.expect;
    memoryDav(files)(request, response);
  });
  const bytes = manyBytes(1_500_000);
  const whole = { ...content(bytes), size: bytes.length };
  for (const key of ["first", "second", "third"]) await storage.write(key, whole, signal);
  assert.deepEqual(asked, [true, false, false]);
  assert.deepEqual([...files.keys()], ["/dav/first", "/dav/second", "/dav/third"]);
});
